import { Router } from 'express'
import { forRoles } from '#server/api/app/for-roles.ts'
import type { TicketWaiter } from '#server/api/v1/wait.ts'
import { personLocale } from '#server/cards/compose.ts'
import type { Sessions } from '#server/session/sessions.ts'
import type { User } from '#server/tickets/ports.ts'
import { type StartTrialDeps, startTrial } from '#server/trials/start.ts'
import { type TrialViewDeps, viewTrial } from '#server/trials/view.ts'
import { type WelcomeDeps, welcome } from '#server/welcome/gather.ts'

export interface WelcomeRouterDeps
  extends Omit<StartTrialDeps, 'channels'>,
    Omit<TrialViewDeps, 'channels'>,
    WelcomeDeps {
  sessions: Sessions
  channels: StartTrialDeps['channels'] & WelcomeDeps['channels']
  waiter: Pick<TicketWaiter, 'until'>
}

/** The first-run guide: how far the set-up has come, and the trial card that somebody sends to themself. */
export function welcomeRouter(deps: WelcomeRouterDeps): Router {
  const router = Router()
  const { stores } = deps.store
  const on = forRoles(router, deps.sessions)
  const localeOf = async (user: User) => {
    const tenant = await stores.tenants.tenant(user.tenantId)
    return personLocale(user, tenant?.locale ?? null, deps.locale)
  }

  on('getWelcome', async ({ who: user }) => welcome(deps, user))

  on('startTrial', async ({ who: user, channel }) => {
    const trial = await startTrial(deps, user, channel)
    return viewTrial(deps, trial, await localeOf(user))
  })

  on('getTrial', async ({ who: user, channel, query, res }) => {
    const locale = query.locale ?? (await localeOf(user))
    const read = async () => {
      const trial = await stores.trials.last(user.tenantId, user.uid, channel)
      return { trial: trial === null ? null : await viewTrial(deps, trial, locale) }
    }
    const isNew = ({ trial }: Awaited<ReturnType<typeof read>>): boolean => trial?.mark !== query.known
    return deps.waiter.until(read, isNew, query.timeout * 1_000, res)
  })
  return router
}
