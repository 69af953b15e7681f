import { type ChannelView, Locale, type RouteName } from '@countersign/contracts'
import { Router } from 'express'
import { type Handler, mount } from '#server/api/route.ts'
import { type ChannelState, type ChannelStateDeps, channelState } from '#server/channels/channel-state.ts'
import type { LiveChannels } from '#server/channels/live-channels.ts'
import type { LiveMessengers } from '#server/channels/live-messengers.ts'
import { isMessengerName } from '#server/channels/messenger-registry.ts'
import { isChannelName } from '#server/channels/registry.ts'
import type { ApiKey, ChannelRecord, Store } from '#server/db/stores.ts'
import { type Doctor, reportOf } from '#server/doctor/doctor.ts'
import { AppError } from '#server/errors.ts'
import { createKeyAuth } from './api-key-auth.ts'

export interface ChannelApiDeps extends ChannelStateDeps {
  store: Store
  channels: Pick<LiveChannels, 'of'>
  messengers: Pick<LiveMessengers, 'get'>
  doctor: Doctor
  /** Where the tenant has chosen none. */
  locale: Locale
  /** Epoch milliseconds. */
  now: () => number
}

/** The REST API for those who look after channels. */
export function channelRouter(deps: ChannelApiDeps): Router {
  const router = Router()
  const { tenants } = deps.store.stores
  const authorize = createKeyAuth({ tenants, now: deps.now })
  const on = <Name extends RouteName>(name: Name, handler: Handler<Name, ApiKey>): void =>
    mount(router, name, handler, (req) => authorize(req, name))

  on('listChannels', async ({ who: { tenantId } }) => {
    const records = await tenants.channels(tenantId)
    return { items: await Promise.all(records.map((record) => viewChannel(deps, record))) }
  })

  on('runDoctor', async ({ who: { tenantId, name: key }, channel, body }) => {
    const { replaceCallback } = body
    const diagnosis = await deps.doctor.examine(tenantId, channel, { replaceCallback, actor: `key:${key}` })
    if (diagnosis === null) throw new AppError('not_found', 'the tenant has no such channel')
    return reportOf(diagnosis, body.locale ?? (await tenantLocale(deps, tenantId)))
  })

  return router
}

async function tenantLocale({ store, locale }: ChannelApiDeps, tenantId: string): Promise<Locale> {
  const tenant = await store.stores.tenants.tenant(tenantId)
  return Locale.catch(locale).parse(tenant?.locale)
}

async function viewChannel(deps: ChannelApiDeps, record: ChannelRecord): Promise<ChannelView> {
  const { name, enabled } = record
  if (isMessengerName(name)) {
    const isLive = (await deps.messengers.get(record.tenantId, name)) !== null
    return { name, enabled, hasAdapter: true, isLive, ...viewState(null), takesActions: isLive ? false : null }
  }
  const hasAdapter = isChannelName(name)
  const channel = hasAdapter ? deps.channels.of(record) : null
  const state = channel === null ? null : await channelState(deps, channel)
  return { name, enabled, hasAdapter, isLive: state !== null, ...viewState(state) }
}

const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())

function viewState(
  state: ChannelState | null,
): Pick<ChannelView, 'reachedBy' | 'takesActions' | 'connection' | 'callbackRegistration' | 'quota'> {
  if (state === null) {
    return { reachedBy: null, takesActions: null, connection: null, callbackRegistration: null, quota: null }
  }
  const { reachedBy, takesActions, connection, registration, quota } = state
  return {
    reachedBy,
    takesActions,
    connection: connection === null ? null : { ...connection, since: iso(connection.since) },
    callbackRegistration: registration === null ? null : { ...registration, at: iso(registration.at) },
    quota: quota === null ? null : { ...quota, savings: [...quota.savings] },
  }
}
