import { type ChannelName, ChannelSettings, type SettingField, SettingValue } from '@countersign/contracts'
import { z } from 'zod'
import { isAddressSetting, isSecretSetting } from '#server/db/channel-settings.ts'

/** The part of JSON Schema that the settings of channels are made of. */
const Property = z.object({
  type: z.string().optional(),
  enum: z.array(z.string()).optional(),
  const: z.string().optional(),
  items: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
})
type Property = z.infer<typeof Property>
const SettingsSchema = z.object({
  properties: z.record(z.string(), Property),
  required: z.array(z.string()).default([]),
})

/** What a form asks for, in the order of the schema that checks it: a setting that is added there is asked for here. */
export function settingFields(name: ChannelName): SettingField[] {
  const schema = settingsSchema(name)
  const { properties, required } = SettingsSchema.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }))
  const shape: Readonly<Record<string, z.ZodType>> = schema.shape
  const settings = Object.entries(properties).filter(([key]) => key !== 'enabled')
  return settings.map(([key, property]) => ({
    name: key,
    kind: isSecretSetting(name, key) ? 'secret' : kindOf(property),
    isRequired: required.includes(key),
    isAddress: isAddressSetting(name, key),
    options: optionsOf(property),
    min: limit(property.minimum),
    max: limit(property.maximum),
    default: defaultOf(shape[key]),
  }))
}

/** What settings of the channel are checked with, `enabled` among them. */
export function settingsSchema(name: ChannelName): z.ZodObject {
  return ChannelSettings.shape[name].unwrap()
}

/** What the schema makes of nothing. */
function defaultOf(setting: z.ZodType | undefined): SettingValue | null {
  return SettingValue.nullable()
    .catch(null)
    .parse(setting?.safeParse(undefined).data ?? null)
}

function kindOf({ type, enum: choices, const: only, properties }: Property): SettingField['kind'] {
  if (choices !== undefined || only !== undefined) return 'choice'
  if (type === 'boolean') return 'switch'
  if (type === 'integer' || type === 'number') return 'number'
  if (type === 'array') return 'list'
  return properties === undefined ? 'text' : 'shares'
}

function optionsOf({ enum: choices, const: only, properties }: Property): string[] | null {
  if (choices !== undefined) return choices
  if (only !== undefined) return [only]
  return properties === undefined ? null : Object.keys(properties)
}

/** Whole numbers of a schema are bounded by what a computer counts exactly: no limit of ours. */
function limit(value: number | undefined): number | null {
  return value === undefined || !Number.isSafeInteger(value) || Math.abs(value) === Number.MAX_SAFE_INTEGER
    ? null
    : value
}
