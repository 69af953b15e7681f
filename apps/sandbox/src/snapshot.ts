import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { Changes } from './changes.ts'
import { dingtalkSnapshotSchema } from './platforms/dingtalk/snapshot.ts'
import { anyPlatforms } from './seed.ts'
import { servicesSnapshotSchema } from './services.ts'

const cardSchema = z.record(z.string(), z.unknown())
const messageSchema = z.object({
  messageId: z.string(),
  chatId: z.string(),
  appId: z.string(),
  platform: z.enum(anyPlatforms),
  personId: z.string(),
  from: z.enum(['bot', 'person']),
  msgType: z.string(),
  content: z.string(),
  card: cardSchema.exactOptional(),
  versions: z.array(
    z.object({ at: z.number(), by: z.enum(['send', 'patch', 'answer', 'delayed-update']), card: cardSchema }),
  ),
  uuid: z.string().exactOptional(),
  parentId: z.string().exactOptional(),
  createdAt: z.number(),
  updatedAt: z.number(),
  updated: z.boolean(),
  state: z.enum(['shown', 'recalled', 'deleted']),
  buzzed: z.boolean().exactOptional(),
  buzzRead: z.boolean().exactOptional(),
})

const snapshotSchema = z.object({
  version: z.literal(1),
  clockOffsetMs: z.number(),
  messages: z.array(messageSchema),
  tokens: z.array(
    z.object({
      token: z.string(),
      appId: z.string(),
      personId: z.string().exactOptional(),
      expiresAt: z.number(),
    }),
  ),
  uuids: z.array(z.tuple([z.string(), z.object({ messageId: z.string(), at: z.number() })])),
  /** Absent in files written before DingTalk was simulated. */
  dingtalk: dingtalkSnapshotSchema.exactOptional(),
  /** Absent in files written before groups, SMS, mail and webhooks were. */
  services: servicesSnapshotSchema.exactOptional(),
})

/** All that survives a restart of the sandbox. */
export type Snapshot = z.infer<typeof snapshotSchema>

const SAVE_DELAY_MS = 300

/** Reads a snapshot; undefined when there is none yet. A file of another shape is an error, never overwritten silently. */
export function loadSnapshot(file: string): Snapshot | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const result = snapshotSchema.safeParse(JSON.parse(text))
  if (!result.success) throw new Error(`${file} is not a sandbox snapshot:\n${z.prettifyError(result.error)}`)
  return result.data
}

/** Keeps a file equal to the sandbox, written at most every few hundred milliseconds and once more on `close`. */
export function keepSnapshot(file: string, changes: Changes, take: () => Snapshot): { close(): void } {
  mkdirSync(dirname(file), { recursive: true })
  let timer: NodeJS.Timeout | undefined
  const save = () => {
    timer = undefined
    // Written beside and renamed, so that a crash leaves the old file or the new one.
    writeFileSync(`${file}.new`, JSON.stringify(take()))
    renameSync(`${file}.new`, file)
  }
  const unsubscribe = changes.subscribe((change) => {
    if (change.kind === 'wire' || change.kind === 'faults' || change.kind === 'toast') return
    timer ??= setTimeout(save, SAVE_DELAY_MS)
    timer.unref()
  })
  return {
    close: () => {
      unsubscribe()
      clearTimeout(timer)
      save()
    },
  }
}
