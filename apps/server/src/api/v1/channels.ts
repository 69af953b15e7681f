import { Locale } from '@countersign/contracts'
import { Router } from 'express'
import { whileConnected } from '#server/api/lines.ts'
import type { Store } from '#server/db/stores.ts'
import type { Doctor } from '#server/doctor/doctor.ts'
import { reportOf } from '#server/doctor/report.ts'
import { AppError } from '#server/errors.ts'
import { type ChannelViewDeps, viewChannel } from './channel-view.ts'
import { forKeys } from './for-keys.ts'

export interface ChannelApiDeps extends ChannelViewDeps {
  store: Store
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
  const on = forKeys(router, { tenants, now: deps.now })

  on('listChannels', async ({ who: { tenantId } }) => {
    const records = await tenants.channels(tenantId)
    return { items: await Promise.all(records.map((record) => viewChannel(deps, record))) }
  })

  on('runDoctor', async ({ who: { tenantId, name: key }, channel, body, res }) => {
    const { replaceCallback } = body
    const options = { replaceCallback, actor: `key:${key}`, signal: whileConnected(res) }
    const diagnosis = await deps.doctor.examine(tenantId, channel, options)
    if (diagnosis === null) throw new AppError('not_found', 'the tenant has no such channel')
    return reportOf(diagnosis, { locale: body.locale ?? (await tenantLocale(deps, tenantId)), place: 'api' })
  })

  return router
}

async function tenantLocale({ store, locale }: ChannelApiDeps, tenantId: string): Promise<Locale> {
  const tenant = await store.stores.tenants.tenant(tenantId)
  return Locale.catch(locale).parse(tenant?.locale)
}
