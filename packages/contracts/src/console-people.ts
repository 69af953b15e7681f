import { z } from 'zod'
import { PersonRow } from './console.ts'
import { Reroute } from './console-reroutes.ts'
import { ChannelName, Locale, Role, Timestamp, Uid } from './identifiers.ts'
import { CompanyAccount } from './login-ways.ts'
import { Email, EmployeeId, Mobile, TimeZone } from './people.ts'
import { importErrorCodes, mostImportedRows, personColumns } from './vocabulary.ts'

/* How administrators keep the people of their tenant. Reading needs the role of an overseer, everything else `admin`. */

const name = z.string().trim().min(1).max(128)
const roles = z.array(Role).min(1)

/** `POST /api/app/console/people`. What is left out is what the tenant has by default. */
export const CreatePerson = z.strictObject({
  uid: Uid,
  name,
  roles: roles.default(['user']),
  locale: Locale.nullable().default(null),
  timeZone: TimeZone.nullable().default(null),
  email: Email.nullable().default(null),
  mobile: Mobile.nullable().default(null),
  employeeId: EmployeeId.nullable().default(null),
})
export type CreatePerson = z.infer<typeof CreatePerson>

/** `PATCH /api/app/console/people/{uid}`: what is left out stays; null empties. */
export const ChangePerson = z
  .strictObject({
    name,
    roles,
    locale: Locale.nullable(),
    timeZone: TimeZone.nullable(),
    email: Email.nullable(),
    mobile: Mobile.nullable(),
    employeeId: EmployeeId.nullable(),
    disabled: z.boolean(),
    /** Who takes over from whom this disables. Needed where something waits that nobody else can complete. */
    reroute: Reroute,
  })
  .partial()
export type ChangePerson = z.infer<typeof ChangePerson>

/** `contested`: two people claim the account, so that it is nobody's until one of the addresses is changed. */
export const accountStates = ['known', 'unknown', 'contested'] as const

export const PersonBinding = z.object({
  channel: ChannelName,
  /** Whether the person wants to be told through it. */
  enabled: z.boolean(),
  /** Whether the tenant has the channel switched on. */
  channelEnabled: z.boolean(),
  provisioned: z.boolean(),
  /** Whose account it is on the platform; null where there are no accounts, as with a robot of a group. */
  account: z.enum(accountStates).nullable(),
  /** Without its secret parts; null to whoever may not change people. */
  address: z.string().nullable(),
})
export type PersonBinding = z.infer<typeof PersonBinding>

/** `GET /api/app/console/people/{uid}`. */
export const PersonDetail = PersonRow.omit({ channels: true }).extend({
  /** Null to whoever may not change people. */
  contact: z
    .object({ email: z.string().nullable(), mobile: z.string().nullable(), employeeId: z.string().nullable() })
    .nullable(),
  bindings: z.array(PersonBinding),
  /** By which the person logs in through the organisation's OpenID provider. */
  companyAccounts: z.array(CompanyAccount),
  /** Tickets that wait for this person now, counted up to 1,000. */
  waiting: z.int(),
  /** Of the pending tickets, those with a step that cannot be completed without this person. Counted up to 1,000. */
  onlyThem: z.int(),
  /** Whether a log-in link would be refused, since the person can log in through a platform. */
  logsInByPlatform: z.boolean(),
})
export type PersonDetail = z.infer<typeof PersonDetail>

/** `POST /api/app/console/people/{uid}/login-link`: shown this once. */
export const LoginLink = z.object({ link: z.string(), expiresAt: Timestamp })
export type LoginLink = z.infer<typeof LoginLink>

/** `GET /api/app/console/people-export`: what an import takes, as text for a `.csv` file. */
export const PeopleExport = z.object({ csv: z.string() })

/** A file of people, decoded: UTF-8 with or without a byte order mark; comma, semicolon or tab. At most 1 MiB. */
const csv = z.string().max(1024 * 1024)
/** `POST /api/app/console/people-import/preview`: says what an import would do, and writes nothing. */
export const PreviewImport = z.strictObject({ csv })
export const ImportError = z.object({
  /** Of the file, from 1. */
  line: z.int(),
  /** As the file calls it; null: the line as a whole. */
  column: z.string().nullable(),
  code: z.enum(importErrorCodes),
  message: z.string(),
})
export type ImportError = z.infer<typeof ImportError>
export const ImportedRow = z.object({
  line: z.int(),
  uid: z.string(),
  name: z.string(),
  action: z.enum(['create', 'change', 'keep']),
  /** Which they would have: what the person may do is not to be overlooked. */
  roles: z.array(Role),
  /** What it changes, by column. */
  changes: z.array(z.enum(personColumns)),
  /** Who takes over from whom the line disables. */
  successors: z.array(z.string()),
})
export type ImportedRow = z.infer<typeof ImportedRow>
export const ImportPreview = z.object({
  /** Of the file and of all that it would change. */
  digest: z.string(),
  create: z.int(),
  change: z.int(),
  keep: z.int(),
  /** The lines that would change something, up to 500. */
  rows: z.array(ImportedRow),
  /** With any of these nothing can be applied. Up to 500 of them. */
  errors: z.array(ImportError),
  errorCount: z.int(),
  /** Pending tickets that nobody could complete after it, and somebody can now. Counted up to 1,000. */
  stuck: z.int(),
})
export type ImportPreview = z.infer<typeof ImportPreview>
/** `POST /api/app/console/people-import`: all of it or nothing, and only what the preview with this digest showed. */
export const ApplyImport = z.strictObject({ csv, digest: z.string().min(1).max(128) })
export const AppliedImport = z.object({ create: z.int().max(mostImportedRows), change: z.int().max(mostImportedRows) })
