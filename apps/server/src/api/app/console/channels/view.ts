import {
  type ChannelName,
  channelNames,
  type ManagedChannel,
  SettingValue,
  type TenantId,
} from '@countersign/contracts'
import { z } from 'zod'
import { viewAbsentChannel, viewChannel } from '#server/api/v1/channel-view.ts'
import { settingFields } from '#server/channels/setting-fields.ts'
import { plainSettings, secretsSet } from '#server/db/channel-settings.ts'
import type { ChannelRow } from '#server/db/settings-store.ts'
import type { ManagedChannelsDeps } from './deps.ts'

type ViewDeps = Omit<ManagedChannelsDeps, 'sessions' | 'doctor' | 'sealer'>

/** Every channel that a tenant may have, in the order of the contracts. */
export async function viewManagedChannels(deps: ViewDeps, tenantId: TenantId): Promise<ManagedChannel[]> {
  const rows = await deps.store.stores.settings.channelRows(tenantId)
  return Promise.all(
    channelNames.map((name) =>
      view(
        deps,
        name,
        rows.find((row) => row.name === name),
      ),
    ),
  )
}

export async function viewManagedChannel(
  deps: ViewDeps,
  tenantId: TenantId,
  name: ChannelName,
): Promise<ManagedChannel> {
  const rows = await deps.store.stores.settings.channelRows(tenantId)
  return view(
    deps,
    name,
    rows.find((row) => row.name === name),
  )
}

const Plain = z.record(z.string(), SettingValue)

async function view(deps: ViewDeps, name: ChannelName, row: ChannelRow | undefined): Promise<ManagedChannel> {
  const fields = settingFields(name)
  const record = row === undefined ? null : await deps.store.stores.tenants.channel(row.tenant_id, name)
  if (row === undefined || record === null) {
    const none = { isConfigured: false, provisioned: false, settings: {}, secretsSet: [] }
    return { ...viewAbsentChannel(name), ...none, fields }
  }
  return {
    ...(await viewChannel(deps, record)),
    isConfigured: true,
    provisioned: row.provisioned === 1,
    fields,
    settings: Plain.parse(plainSettings(row)),
    secretsSet: secretsSet(row),
  }
}
