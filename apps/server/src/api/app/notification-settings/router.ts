import { once } from 'node:events'
import type { ChannelName, RouteName } from '@countersign/contracts'
import { type Request, type Response, Router } from 'express'
import { type Handler, mount } from '#server/api/route.ts'
import { AppError } from '#server/errors.ts'
import { callerOf } from '#server/http/caller.ts'
import { requireRole } from '#server/session/roles.ts'
import { changePreferences } from './change-preferences.ts'
import type { ChannelSubject, NotificationSettingsDeps, Subject } from './deps.ts'
import { removeChannel } from './remove-channel.ts'
import { sendCode } from './send-code.ts'
import { setChannel } from './set-channel.ts'
import { testChannel } from './test-channel.ts'
import { viewSettings } from './view.ts'

/** How a person wants to be told: their own settings, and for an administrator those of everybody in the tenant. */
export function notificationSettingsRouter(deps: NotificationSettingsDeps): Router {
  const router = Router()

  /** To whoever is no administrator, other people's settings are forbidden whether or not there is such a person. */
  const admit = async (req: Request, res: Response): Promise<Subject> => {
    const { session, user } = await deps.sessions.require(req, res)
    const uid = typeof req.params.id === 'string' ? req.params.id : ''
    const isSelf = user.uid === uid
    if (!isSelf) {
      requireRole(user, ['admin'])
      const person = await deps.store.stores.directory.user(user.tenantId, uid)
      if (person === null) throw new AppError('not_found', 'there is no such person')
    }
    return { tenantId: user.tenantId, uid, actor: user.uid, isSelf, session, caller: callerOf(req.ip) }
  }
  const on = <Name extends RouteName>(name: Name, handler: Handler<Name, Subject>): void =>
    mount(router, name, handler, admit)
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
  on('sendVerificationCode', async (call) => sendCode(deps, of(call), call.body.address, () => closed(call.res)))
  on('testNotificationChannel', async (call) => testChannel(deps, of(call)))
  return router
}

/** Resolves when the answer is out, or nobody waits for it any more. */
async function closed(res: Response): Promise<void> {
  if (!res.closed) await once(res, 'close')
}
