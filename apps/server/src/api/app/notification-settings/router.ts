import { type ChannelName, type RouteFor, whoMay } from '@countersign/contracts'
import { Router } from 'express'
import { visitorFor } from '#server/api/app/for-roles.ts'
import { type Admit, type Handler, mount } from '#server/api/route.ts'
import { AppError } from '#server/errors.ts'
import { answered } from '#server/http/answered.ts'
import { callerOf } from '#server/http/caller.ts'
import { requireRole } from '#server/session/roles.ts'
import { changePreferences } from './change-preferences.ts'
import type { ChannelSubject, NotificationSettingsDeps, Subject } from './deps.ts'
import { removeChannel } from './remove-channel.ts'
import { sendCode } from './send-code.ts'
import { setChannel } from './set-channel.ts'
import { testChannel } from './test-channel.ts'
import { viewSettings } from './view.ts'

/** About a person, by themself or by somebody with a role. */
type SelfRoute = RouteFor<{ of: 'person'; as: 'self' }>

/** How a person wants to be told: their own settings, and for an administrator those of everybody in the tenant. */
export function notificationSettingsRouter(deps: NotificationSettingsDeps): Router {
  const router = Router()

  /** To whoever is no administrator, other people's settings are forbidden whether or not there is such a person. */
  const subjectOf =
    (name: SelfRoute): Admit<Subject> =>
    async (req, res) => {
      const { session, user } = await visitorFor(deps.sessions, name)(req, res)
      const uid = typeof req.params.id === 'string' ? req.params.id : ''
      const isSelf = user.uid === uid
      if (!isSelf) {
        requireRole(user, whoMay[name].orRoles)
        const person = await deps.store.stores.directory.user(user.tenantId, uid)
        if (person === null) throw new AppError('not_found', 'there is no such person')
      }
      return { tenantId: user.tenantId, uid, actor: user.uid, isSelf, session, caller: callerOf(req.ip) }
    }
  const on = <Name extends SelfRoute>(name: Name, handler: Handler<Name, Subject>): void =>
    mount(router, name, handler, subjectOf(name))
  const of = ({ who, channel }: { who: Subject; channel: ChannelName }): ChannelSubject => ({ ...who, channel })

  on('getNotificationSettings', async ({ who }) => viewSettings(deps, who))
  on('changeNotificationSettings', async ({ who, body }) => {
    await changePreferences(deps, who, body)
    return viewSettings(deps, who)
  })
  on('setNotificationChannel', async (call) => {
    await setChannel(deps, of(call), call.body)
    return viewSettings(deps, call.who)
  })
  on('removeNotificationChannel', async (call) => {
    await removeChannel(deps, of(call))
    return viewSettings(deps, call.who)
  })
  on('sendVerificationCode', async (call) => sendCode(deps, of(call), call.body.address, () => answered(call.res)))
  on('testNotificationChannel', async (call) => testChannel(deps, of(call)))
  return router
}
