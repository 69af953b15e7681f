import { z } from 'zod'
import { channelNames, locales, risks, roles, trialModule } from './vocabulary.ts'

/** The id of a tenant, as in the provisioning file. */
export const TenantId = z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be 1 to 40 of a-z, 0-9 and -')
export type TenantId = z.infer<typeof TenantId>

/** A person of a tenant. Chosen by the tenant, for example the name part of an e-mail address. */
export const Uid = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/, 'must be 1 to 64 of letters, digits and . _ @ -')
export type Uid = z.infer<typeof Uid>

export const ChannelName = z.enum(channelNames)
export type ChannelName = z.infer<typeof ChannelName>

export const Locale = z.enum(locales)
export type Locale = z.infer<typeof Locale>

export const Role = z.enum(roles)
export type Role = z.infer<typeof Role>

/** What kind of ticket: a DMS ticket type in lower case (`data_export`, `perm_apply`) or a word of the tenant's own. */
export const Module = z.string().regex(/^[a-z][a-z0-9_]{0,63}$/, 'must start with a-z and go on with a-z, 0-9 and _')
export type Module = z.infer<typeof Module>
/** One that somebody may use: not that of the host's own trial tickets. */
export const GivenModule = Module.refine((module) => module !== trialModule, 'is kept for trial tickets of this host')

export const Risk = z.enum(risks)
export type Risk = z.infer<typeof Risk>

/** RFC 3339 in UTC, to the millisecond. */
export const Timestamp = z.iso.datetime()
/** With any offset; of a moment that `Timestamp` can write again. */
export const TimestampIn = z.iso.datetime({ offset: true }).refine((text) => {
  const at = Date.parse(text)
  return at >= 0 && at < Date.UTC(10_000, 0)
}, 'must lie between the years 1970 and 9999')

/** An absolute http or https address, at most 2,048 characters. */
export const HttpUrl = z
  .string()
  .max(2048)
  .refine((value) => {
    const url = URL.canParse(value) ? new URL(value) : undefined
    return url !== undefined && (url.protocol === 'https:' || url.protocol === 'http:') && url.username === ''
  }, 'must be an absolute http or https address without credentials')
