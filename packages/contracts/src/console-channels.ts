import { z } from 'zod'
import { ChannelView } from './channel.ts'

/*
 * Channel Management of the desktop console, for administrators and DBAs. Secrets are written and never read: an answer
 * only says which are set.
 */

export const settingKinds = ['text', 'secret', 'number', 'switch', 'choice', 'list', 'shares'] as const
/** `list`: lines of text. `shares`: a percentage, or `never`, for each of `options`. */
export const SettingKind = z.enum(settingKinds)
export type SettingKind = z.infer<typeof SettingKind>

/** A setting as it is written: a secret is a text. */
export const SettingValue = z.union([
  z.string().max(4_096),
  z.number(),
  z.boolean(),
  z.array(z.string().max(2_048)).max(100),
  z.record(z.string().max(64), z.union([z.string().max(64), z.number()])),
])
export type SettingValue = z.infer<typeof SettingValue>

/** One setting that a channel takes, made from the schema that the provisioning file is checked with. */
export const SettingField = z.object({
  name: z.string(),
  kind: SettingKind,
  isRequired: z.boolean(),
  /** Whether secrets go to where it leads: who changes it gives them again. */
  isAddress: z.boolean(),
  /** Of a choice; the parts of shares. */
  options: z.array(z.string()).nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  /** What holds where nothing is set. */
  default: SettingValue.nullable(),
})
export type SettingField = z.infer<typeof SettingField>

/** A channel that the tenant has or may have. */
export const ManagedChannel = ChannelView.extend({
  /** Whether there are settings at all. */
  isConfigured: z.boolean(),
  /** Written by the provisioning file: can be changed there only. */
  provisioned: z.boolean(),
  fields: z.array(SettingField),
  /** Without secrets. */
  settings: z.record(z.string(), SettingValue),
  secretsSet: z.array(z.string()),
})
export type ManagedChannel = z.infer<typeof ManagedChannel>
/** `GET /api/app/console/channels`. */
export const ManagedChannelList = z.object({ items: z.array(ManagedChannel) })

/**
 * `PATCH /api/app/console/channels/{channel}`: what is left out stays, secrets too, and null takes a setting back to its
 * default. A channel that has no settings yet is made by it, switched off unless `enabled` says otherwise.
 */
export const ChangeChannel = z.strictObject({
  enabled: z.boolean().optional(),
  settings: z
    .record(z.string().min(1).max(64), SettingValue.nullable())
    .refine((settings) => !Object.hasOwn(settings, 'enabled'), 'enabled stands beside the settings')
    .optional(),
})
export type ChangeChannel = z.infer<typeof ChangeChannel>

/** `required`: no card without it. `chatbot`: words to the bot. `buzz`: urgent reminders. `directory`: people of the directory. `doctor`: more of what the doctor sees. `unused`: named by guides. */
export const permissionUses = ['required', 'chatbot', 'buzz', 'directory', 'doctor', 'unused'] as const
export const PermissionUse = z.enum(permissionUses)
export type PermissionUse = z.infer<typeof PermissionUse>

/** Where something is pasted: `event` takes what is said to the bot, `registered` is told to the platform by this host. */
export const setupPlaces = [
  'homePage',
  'redirectUrl',
  'trustedDomain',
  'callback',
  'event',
  'robot',
  'registered',
] as const

/** `GET /api/app/console/channels/{channel}/setup`: what an administrator enters in the platform's own console. */
export const ChannelSetup = z.object({
  /** The platform's console; null where there is none to go to. */
  consoleUrl: z.string().nullable(),
  /** `{app}` stands for the platform's id of the app, as the setting `appSetting` has it. */
  addresses: z.array(z.object({ place: z.enum(setupPlaces), value: z.string() })),
  appSetting: z.string().nullable(),
  /** By the platform's own keys, and by the names that its console shows, in the language of that platform. */
  permissions: z.array(z.object({ key: z.string(), name: z.string(), use: PermissionUse })),
  /** Whether a card template is to be imported there, and on which page. */
  hasCardTemplate: z.boolean(),
  cardPlatformUrl: z.string().nullable(),
})
export type ChannelSetup = z.infer<typeof ChannelSetup>

/** `GET /api/app/console/card-template`: the file that DingTalk's card platform imports. Its shape is DingTalk's. */
export const CardTemplateFile = z.record(z.string(), z.unknown())
export type CardTemplateFile = z.infer<typeof CardTemplateFile>
