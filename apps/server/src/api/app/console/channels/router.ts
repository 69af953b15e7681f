import { Router } from 'express'
import { forRoles } from '#server/api/app/for-roles.ts'
import { personLocale } from '#server/cards/compose.ts'
import { cardTemplate } from '#server/channels/dingtalk/template.ts'
import { channelKind, isChannelName } from '#server/channels/registry.ts'
import { appSetting, plainSettings } from '#server/db/channel-settings.ts'
import { reportOf } from '#server/doctor/doctor.ts'
import { AppError } from '#server/errors.ts'
import { changeChannel } from './change.ts'
import { type ManagedChannelsDeps, rowOf } from './deps.ts'
import { viewManagedChannel, viewManagedChannels } from './view.ts'

/** Channel Management: what channels there are, how they are set, and what is wrong with them. */
export function managedChannelsRouter(deps: ManagedChannelsDeps): Router {
  const router = Router()
  const { sessions, store } = deps
  const { stores } = store

  const on = forRoles(router, sessions)

  on('listManagedChannels', async ({ who: user }) => ({ items: await viewManagedChannels(deps, user.tenantId) }))
  on('getManagedChannel', async ({ who: user, channel }) => viewManagedChannel(deps, user.tenantId, channel))
  on('changeManagedChannel', async ({ who: user, channel, body }) => {
    await changeChannel(deps, user, channel, body)
    return viewManagedChannel(deps, user.tenantId, channel)
  })

  on('examineManagedChannel', async ({ who: user, channel, body }) => {
    const { replaceCallback } = body
    const diagnosis = await deps.doctor.examine(user.tenantId, channel, { replaceCallback, actor: user.uid })
    if (diagnosis === null) throw new AppError('not_found', 'the channel is not set up yet')
    const tenant = await stores.tenants.tenant(user.tenantId)
    return reportOf(diagnosis, body.locale ?? personLocale(user, tenant?.locale ?? null, deps.locale))
  })

  on('getChannelSetup', async ({ who: user, channel }) => {
    const appName = appSetting(channel)
    if (!isChannelName(channel)) {
      const nothing = { addresses: [], permissions: [], hasCardTemplate: false, cardPlatformUrl: null }
      return { consoleUrl: null, appSetting: appName, ...nothing }
    }
    const row = await rowOf(stores, user.tenantId, channel)
    const settings = row === undefined ? {} : plainSettings(row)
    return { ...channelKind(channel).setup(deps.publicUrl, settings), appSetting: appName }
  })

  on('getCardTemplate', async () => cardTemplate())
  return router
}
