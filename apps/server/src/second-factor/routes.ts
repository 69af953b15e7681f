import { type RouteFor, Uid } from '@countersign/contracts'
import { Router } from 'express'
import { forVisitors, visitorFor } from '#server/api/app/for-roles.ts'
import { type Handler, mount } from '#server/api/route.ts'
import { AppError } from '#server/errors.ts'
import type { Sessions, Visitor } from '#server/session/sessions.ts'
import type { SecondFactorDeps } from './deps.ts'
import { addPasskey, beginAuthenticator, beginPasskey, confirmAuthenticator, makeRecoveryCodes } from './enrol.ts'
import { askForPasskey, giveAuthenticatorCode, givePasskey, giveRecoveryCode } from './give.ts'
import { removeAuthenticator, removePasskey, resetFor } from './remove.ts'
import { secondFactorRule, setSecondFactorRule } from './rule.ts'
import { viewPasskey, viewSecondFactor } from './view.ts'

export interface SecondFactorRouterDeps extends SecondFactorDeps {
  sessions: Sessions
}

/** Everybody's own second factor, and for administrators that of others and who needs one. */
export function secondFactorRouter(deps: SecondFactorRouterDeps): Router {
  const router = Router()
  const { sessions, store } = deps
  const { secondFactors } = store.stores
  const on = forVisitors(router, sessions)
  /** Whose passkey it is, before anything else of the request is looked at. */
  const ofOwn = <Name extends RouteFor<{ as: 'owner' }>>(name: Name, handler: Handler<Name, Visitor>): void => {
    const admit = visitorFor(sessions, name)
    mount(router, name, handler, async (req, res) => {
      const visitor = await admit(req, res)
      const own = await secondFactors.passkeys(visitor.user)
      if (!own.some(({ id }) => id === req.params.id)) throw new AppError('not_found', 'there is no such passkey')
      return visitor
    })
  }

  on('getMySecondFactor', ({ who }) => viewSecondFactor(deps, who))
  on('beginAuthenticator', ({ who }) => beginAuthenticator(deps, who))
  on('confirmAuthenticator', async ({ who, body }) => ({
    recoveryCodes: await confirmAuthenticator(deps, who, body.code),
  }))
  on('removeAuthenticator', async ({ who }) => {
    await removeAuthenticator(deps, who)
    return undefined
  })

  on('beginPasskey', ({ who }) => beginPasskey(deps, who))
  on('addPasskey', async ({ who, body }) => ({ recoveryCodes: await addPasskey(deps, who, body) }))
  ofOwn('renamePasskey', async ({ who, id, body }) => {
    await secondFactors.renamePasskey(who.user, id, body.name)
    const renamed = (await secondFactors.passkeys(who.user)).find((passkey) => passkey.id === id)
    if (renamed === undefined) throw new AppError('not_found', 'there is no such passkey')
    return viewPasskey(renamed)
  })
  ofOwn('removePasskey', async ({ who, id }) => {
    await removePasskey(deps, who, id)
    return undefined
  })
  on('makeRecoveryCodes', async ({ who }) => ({ recoveryCodes: await makeRecoveryCodes(deps, who) }))

  on('askForPasskey', ({ who }) => askForPasskey(deps, who))
  on('givePasskey', async ({ who, body }) => {
    await givePasskey(deps, who, body.passkey)
    return undefined
  })
  on('giveAuthenticatorCode', async ({ who, body }) => {
    await giveAuthenticatorCode(deps, who, body.code)
    return undefined
  })
  on('giveRecoveryCode', async ({ who, body }) => ({ left: await giveRecoveryCode(deps, who, body.code) }))

  on('getSecondFactorRule', ({ who }) => secondFactorRule(store.stores, who.user.tenantId))
  on('setSecondFactorRule', async ({ who, body }) => {
    await setSecondFactorRule(deps, who, body.administratorsNeed)
    return secondFactorRule(store.stores, who.user.tenantId)
  })
  on('resetSecondFactor', async ({ who, id }) => {
    const uid = Uid.safeParse(id)
    if (!uid.success) throw new AppError('not_found', 'there is no such person')
    await resetFor(deps, who, uid.data)
    return undefined
  })
  return router
}
