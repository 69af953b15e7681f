import type { ChannelName } from '@countersign/contracts'
import { z } from 'zod'
import { type Sealer, sealContext } from '#server/crypto/seal.ts'

/** Rows of the table `channels`: the channels, and the settings of the DMS bridge, which live the same life. */
export type SettingsName = ChannelName | 'dms'

/** Which settings are secrets. Everything that lets its holder speak for the tenant, so also addresses with a password. */
const secretNames: Record<SettingsName, readonly string[]> = {
  lark: ['appSecret', 'encryptKey', 'verificationToken'],
  feishu: ['appSecret', 'encryptKey', 'verificationToken'],
  dingtalk: ['appSecret', 'callbackSecret'],
  dingtalkExclusive: ['appSecret', 'callbackSecret'],
  dingtalkRobot: [],
  wecomRobot: [],
  email: ['smtpUrl'],
  sms: ['accessKeySecret'],
  webhook: [],
  dms: ['accessKeySecret', 'webhookKey'],
}

/** By which setting the platform names the app in its callbacks. */
const appIdNames: Partial<Record<SettingsName, string>> = {
  lark: 'appId',
  feishu: 'appId',
  dingtalk: 'appKey',
  dingtalkExclusive: 'appKey',
}

/** Settings that say where secrets go, or whose pages people are led to. */
const addressNames: Partial<Record<SettingsName, readonly string[]>> = {
  lark: ['openUrl', 'accountsUrl', 'jsSdkUrl'],
  feishu: ['openUrl', 'accountsUrl', 'jsSdkUrl'],
  dingtalk: ['apiUrl', 'oapiUrl', 'loginUrl'],
  dingtalkExclusive: ['apiUrl', 'oapiUrl', 'loginUrl'],
  sms: ['endpoint', 'internationalEndpoint'],
  dms: ['endpoint'],
}

/** Secrets that go to those addresses. The others only prove what comes in. */
const toldSecretNames: Partial<Record<SettingsName, readonly string[]>> = {
  lark: ['appSecret'],
  feishu: ['appSecret'],
  dingtalk: ['appSecret', 'callbackSecret'],
  dingtalkExclusive: ['appSecret', 'callbackSecret'],
  sms: ['accessKeySecret'],
  dms: ['accessKeySecret'],
}

export const isSecretSetting = (name: SettingsName, key: string): boolean => secretNames[name].includes(key)
export const isAddressSetting = (name: SettingsName, key: string): boolean => addressNames[name]?.includes(key) === true
export const addressSettings = (name: SettingsName): readonly string[] => addressNames[name] ?? []
export const toldSecrets = (name: SettingsName): readonly string[] => toldSecretNames[name] ?? []
/** The setting that names the app; null where nothing does. */
export const appSetting = (name: SettingsName): string | null => appIdNames[name] ?? null

type Settings = Readonly<Record<string, unknown>>
const Settings = z.record(z.string(), z.unknown())
const SealedSettings = z.record(z.string(), z.string())

/** A channel's settings as its row keeps them. */
export interface StoredSettings {
  settings: string
  secrets: string
}

export function appIdOf(name: SettingsName, settings: Settings): string | null {
  const appId = settings[appIdNames[name] ?? '']
  return typeof appId === 'string' ? appId : null
}

/** Takes the secrets out of the settings and seals each for its place. */
export function storeSettings(
  sealer: Sealer,
  tenantId: string,
  name: SettingsName,
  settings: Settings,
): StoredSettings {
  const isSecret = (key: string): boolean => secretNames[name].includes(key)
  const given = Object.entries(settings).filter(([, value]) => value !== undefined)
  const secrets = given.flatMap(([key, value]) =>
    isSecret(key) && typeof value === 'string'
      ? [[key, sealer.seal(value, placeOf(tenantId, name, key))] as const]
      : [],
  )
  return {
    settings: JSON.stringify(Object.fromEntries(given.filter(([key]) => !isSecret(key)))),
    secrets: JSON.stringify(Object.fromEntries(secrets)),
  }
}

/** The settings with their secrets opened. Throws SealError. */
export function openSettings(
  sealer: Sealer,
  tenantId: string,
  name: SettingsName,
  stored: StoredSettings,
): Record<string, unknown> {
  const secrets = Object.entries(SealedSettings.parse(JSON.parse(stored.secrets)))
  return {
    ...plainSettings(stored),
    ...Object.fromEntries(secrets.map(([key, value]) => [key, sealer.open(value, placeOf(tenantId, name, key))])),
  }
}

/** The settings without their secrets. */
export function plainSettings(stored: Pick<StoredSettings, 'settings'>): Record<string, unknown> {
  return Settings.parse(JSON.parse(stored.settings))
}

/** Which secrets are set; not what they are. */
export function secretsSet(stored: Pick<StoredSettings, 'secrets'>): string[] {
  return Object.keys(SealedSettings.parse(JSON.parse(stored.secrets)))
}

/** Whether a secret among them was sealed with a key that no longer writes. */
export function hasStaleSecret(sealer: Sealer, stored: Pick<StoredSettings, 'secrets'>): boolean {
  return Object.values(SealedSettings.parse(JSON.parse(stored.secrets))).some((value) => sealer.isStale(value))
}

function placeOf(tenant: string, name: SettingsName, key: string): string {
  return sealContext({ tenant, table: 'channels', column: 'secrets', row: `${name}.${key}` })
}
