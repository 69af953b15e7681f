import type { Locale } from '@countersign/contracts'
import { Router } from 'express'
import { forRoles } from '#server/api/app/for-roles.ts'
import { answerInLines, whileConnected } from '#server/api/lines.ts'
import { personLocale } from '#server/cards/compose.ts'
import { cardTemplate } from '#server/channels/dingtalk/template.ts'
import { channelKind, isChannelName } from '#server/channels/registry.ts'
import { appSetting, plainSettings } from '#server/db/channel-settings.ts'
import { type Reader, reportOf, viewFinding } from '#server/doctor/report.ts'
import { AppError } from '#server/errors.ts'
import type { User } from '#server/tickets/ports.ts'
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

  on('examineManagedChannel', async ({ who: user, channel, body, res }) => {
    const { replaceCallback } = body
    const reader = await readerOf(deps, user, body.locale)
    const options = { replaceCallback, actor: user.uid, signal: whileConnected(res) }
    const diagnosis = await deps.doctor.examine(user.tenantId, channel, options)
    if (diagnosis === null) throw notSetUp()
    return reportOf(diagnosis, reader)
  })
  on('followExamination', async ({ who: user, channel, body, res }) => {
    const { replaceCallback } = body
    const reader = await readerOf(deps, user, body.locale)
    const lines = answerInLines(res, 'followExamination')
    const diagnosis = await deps.doctor.examine(user.tenantId, channel, {
      ...{ replaceCallback, actor: user.uid, signal: whileConnected(res) },
      watcher: (finding) => lines.write({ kind: 'finding', finding: viewFinding(finding, reader) }),
    })
    if (diagnosis === null) throw notSetUp()
    lines.write({ kind: 'report', report: reportOf(diagnosis, reader) })
    lines.end()
    return undefined
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

const notSetUp = (): AppError => new AppError('not_found', 'the channel is not set up yet')

/** In the language that was asked for, else in the person's. */
async function readerOf(
  { store, locale }: ManagedChannelsDeps,
  user: User,
  wanted: Locale | undefined,
): Promise<Reader> {
  const tenant = await store.stores.tenants.tenant(user.tenantId)
  return { locale: wanted ?? personLocale(user, tenant?.locale ?? null, locale), place: 'console' }
}
