import { z } from 'zod'
import { ChannelName, Role, Timestamp, Uid } from './identifiers.ts'
import {
  directoryFailures,
  directoryFields,
  directoryReadStates,
  syncConflicts,
  syncKinds,
  syncNotes,
  uidSources,
} from './vocabulary.ts'

/* How administrators bring the people of a platform's directory into their tenant. All of it needs the role `admin`. */

/** The platform's id of a department. */
const DepartmentId = z.string().min(1).max(64)
const count = z.int().nonnegative()

/** A reading of a directory: long work that goes on while nobody looks. */
export const DirectoryRead = z.object({
  id: z.string(),
  channel: ChannelName,
  /** `broken_off`: the instance that was reading is gone; what it had read is not used. */
  state: z.enum(directoryReadStates),
  startedBy: z.string(),
  startedAt: Timestamp,
  /** When something was last heard of it. */
  updatedAt: Timestamp,
  /** Departments to which it was limited; null: the whole directory. */
  departments: z.array(DepartmentId).nullable(),
  /** Found so far, and of these read; both grow. */
  departmentsFound: count,
  departmentsRead: count,
  people: count,
  /** Calls to the platform so far. */
  calls: count,
  /** Whether everybody of the organisation was seen: neither limited nor narrowed by what the app may see. */
  isWhole: z.boolean(),
  /** Fields that came for nobody, with the permission that gives them. */
  missing: z.array(z.object({ field: z.enum(directoryFields), permission: z.string().nullable() })),
  failure: z
    .object({
      code: z.enum(directoryFailures),
      /** The platform's own code, where it gave one. */
      platformCode: z.string().nullable(),
      message: z.string(),
      /** Any of these would do, where a permission is missing. */
      permissions: z.array(z.string()),
    })
    .nullable(),
})
export type DirectoryRead = z.infer<typeof DirectoryRead>

/** A directory that the tenant can read: that of a channel which is on. */
export const Directory = z.object({
  channel: ChannelName,
  /** The last reading that is kept; null: none. */
  read: DirectoryRead.nullable(),
  /** Whether reading takes from the calls of the month. */
  isCounted: z.boolean(),
  /** Calls this month; null where nothing limits them. */
  quota: z.object({ calls: count, quota: count }).nullable(),
})
export type Directory = z.infer<typeof Directory>
/** `GET /api/app/console/people-sync`. */
export const DirectoryList = z.object({
  items: z.array(Directory),
  /** More people, or departments, are not read at once. */
  mostPeople: count,
  mostDepartments: count,
  /** More people are not taken over at once. */
  mostAtOnce: count,
})

/** `GET …/{channel}/departments`: directly below one, or the topmost that the app may see. One or two calls. */
export const DepartmentQuery = z.strictObject({ parent: DepartmentId.optional() })
export const DirectoryDepartment = z.object({
  id: DepartmentId,
  name: z.string(),
  /** With those of the departments below; null where the platform does not say. */
  members: count.nullable(),
})
export type DirectoryDepartment = z.infer<typeof DirectoryDepartment>
export const DepartmentList = z.object({
  items: z.array(DirectoryDepartment),
  /** Calls that reading all of these would take at the least; null where the platform does not say how many people. */
  estimatedCalls: count.nullable(),
})

/** `POST …/{channel}/read`. */
export const StartDirectoryRead = z.strictObject({
  departments: z.array(DepartmentId).min(1).max(100).nullable().default(null),
})

/** How the plan is made: the same for a preview and for applying it. */
const planning = {
  readId: z.string().min(1).max(64),
  /** What new people are called by, as far as they have it. */
  uidFrom: z.enum(uidSources).default('employeeId'),
  /** Whose an account is, where an administrator says so: by the platform's id of the account. */
  resolutions: z
    .record(z.string().max(256), Uid)
    .default({})
    .refine((chosen) => Object.keys(chosen).length <= 1_000, 'must be at most 1,000'),
}

/** `POST …/{channel}/preview`: what a synchronisation would do. Writes nothing. */
export const PreviewDirectorySync = z.strictObject({
  ...planning,
  /** Which rows to show, and from which on. */
  kind: z.enum(syncKinds).default('create'),
  offset: count.default(0),
})

export type PreviewDirectorySync = z.infer<typeof PreviewDirectorySync>

export const SyncRow = z.object({
  /** The platform's id of the account; null: the person has none there any more. */
  account: z.string().nullable(),
  /** As they would be called here; null where it is not clear who they are. */
  uid: z.string().nullable(),
  name: z.string(),
  /** Of somebody who is here: whoever has an account can do what these may. */
  roles: z.array(Role),
  /** From the directory; of somebody who is gone, as they are here. */
  email: z.string().nullable(),
  mobile: z.string().nullable(),
  employeeId: z.string().nullable(),
  /** Fields that would change. */
  changes: z.array(z.enum(directoryFields)),
  /** The account would be bound to the person. */
  binds: z.boolean(),
  /** Who has the account now and would lose it, since an administrator says that it is another's. */
  takenFrom: z.string().nullable(),
  /** Why nothing, or not all, is done. */
  notes: z.array(z.enum(syncNotes)),
  conflict: z.enum(syncConflicts).nullable(),
  /** Who it may be: an administrator can say which. */
  candidates: z.array(z.object({ uid: Uid, name: z.string() })),
})
export type SyncRow = z.infer<typeof SyncRow>

const counts = z.object(
  Object.fromEntries(syncKinds.map((kind) => [kind, count])) as Record<(typeof syncKinds)[number], typeof count>,
)
export const DirectorySyncPreview = z.object({
  /** Of the reading and of all that it would change. */
  digest: z.string(),
  counts,
  /** Of the people who are gone, those that can be disabled. */
  canDisable: count,
  rows: z.array(SyncRow),
  /** Where the next rows begin; null: there are none. */
  nextOffset: count.nullable(),
})
export type DirectorySyncPreview = z.infer<typeof DirectorySyncPreview>

/** `POST …/{channel}/apply`: all that is selected or nothing, and only what the preview with this digest showed. */
export const ApplyDirectorySync = z.strictObject({
  ...planning,
  digest: z.string().min(1).max(128),
  create: z.boolean(),
  change: z.boolean(),
  bind: z.boolean(),
  disable: z.boolean(),
  /** Rows left as they are: by account, or by uid where somebody is gone. */
  leaveOut: z.array(z.string().min(1).max(256)).max(1_000).default([]),
})
export type ApplyDirectorySync = z.infer<typeof ApplyDirectorySync>
export const AppliedDirectorySync = z.object({
  created: count,
  changed: count,
  bound: count,
  disabled: count,
  /** Selected, and not written since there were too many for once: to be looked at again and applied. */
  left: count,
})
export type AppliedDirectorySync = z.infer<typeof AppliedDirectorySync>
