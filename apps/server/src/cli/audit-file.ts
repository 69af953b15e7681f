import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { AuditExportEnd, AuditExportHead, AuditRecord } from '@countersign/contracts'
import type { z } from 'zod'
import { filterOf } from '#server/audit-export/export-audit.ts'
import type { AuditStore } from '#server/db/stores.ts'
import { CommandFailed } from './command.ts'

/** Entries of the host's own that are in memory at once. */
const pageSize = 500

/** Whether a file is an export of the audit: its first line says so. */
export async function isAuditFile(path: string): Promise<boolean> {
  for await (const line of linesOf(path)) return AuditExportHead.safeParse(jsonOrNull(line)).success
  return false
}

/**
 * Checks an exported audit against the host, line by line: every entry is signed by a key of this host, stands so in its
 * chain, follows the one before it, and none that the filter names is left out. Throws CommandFailed naming the line.
 */
export async function verifyAuditFile(audit: AuditStore, path: string, out: (line: string) => void): Promise<void> {
  const lines = linesOf(path)
  const first = await lines.next()
  const head = parse(AuditExportHead, first.done === true ? '' : first.value, 1)
  const { tenant, head: last } = head
  await expectHead(audit, head)
  const known = storedEntries(audit, head)
  let number = 1
  let entries = 0
  let before: AuditRecord | null = null
  for await (const line of lines) {
    number += 1
    const value = jsonOrNull(line)
    const end = AuditExportEnd.safeParse(value)
    if (end.success) {
      await expectEnd(lines, known, { end: end.data, entries, number })
      const verdict = end.data.verification.ok
        ? ''
        : `; the host found its chain broken: ${end.data.verification.reason}`
      out(`${tenant}: ${entries} entries up to ${last.seq}, intact; the last of the chain is ${last.mac}${verdict}`)
      return
    }
    const record = parse(AuditRecord, value, number)
    const reason = faultOf(audit, tenant, record, before) ?? (await missing(known, record))
    if (reason !== null) throw new CommandFailed(`line ${number}: ${reason}`)
    before = record
    entries += 1
  }
  throw new CommandFailed(`the file was cut off after line ${number}`)
}

type Lines = AsyncGenerator<string, void, undefined>

async function* linesOf(path: string): Lines {
  const input = createReadStream(path, 'utf8')
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) yield line
  } catch (error) {
    throw new CommandFailed(`${path} cannot be read (${error instanceof Error ? error.message : String(error)})`)
  } finally {
    input.destroy()
  }
}

function jsonOrNull(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown, number: number): z.infer<Schema> {
  const parsed = schema.safeParse(typeof value === 'string' ? jsonOrNull(value) : value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new CommandFailed(
    `line ${number} is not as it was written: ${issue?.path.join('.') || 'it'}: ${issue?.message}`,
  )
}

/** The end that the file names is, or was, the end of the host's chain. */
async function expectHead(audit: AuditStore, { tenant, head }: AuditExportHead): Promise<void> {
  if (head.seq === 0) return
  const [stored] = await audit.inOrder(tenant, {}, { after: head.seq - 1, upTo: head.seq, limit: 1 })
  if (stored?.mac !== head.mac)
    throw new CommandFailed(`line 1: entry ${head.seq} is another one in the audit of this host`)
}

function faultOf(audit: AuditStore, tenant: string, record: AuditRecord, before: AuditRecord | null): string | null {
  const { seq } = record
  if (!audit.isSigned(tenant, record)) return `entry ${seq} was changed, or was not made by this host`
  if (before === null) return null
  if (seq <= before.seq) return `entry ${seq} comes after entry ${before.seq}`
  const follows = seq !== before.seq + 1 || record.prevMac === before.mac
  return follows ? null : `entry ${seq} does not follow the one before it`
}

/** What the host itself would put into the file, one after the other. */
async function* storedEntries(audit: AuditStore, head: AuditExportHead): AsyncGenerator<AuditRecord, void, undefined> {
  for (let after = 0; after < head.head.seq; ) {
    const range = { after, upTo: head.head.seq, limit: pageSize }
    const page = await audit.inOrder(head.tenant, filterOf(head), range)
    yield* page
    after = page.length < pageSize ? head.head.seq : (page.at(-1)?.seq ?? head.head.seq)
  }
}

/** Why the next entry of the host is not this one; null: it is. */
async function missing(
  known: AsyncGenerator<AuditRecord, void, undefined>,
  record: AuditRecord,
): Promise<string | null> {
  const next = await known.next()
  if (next.done === true || next.value.seq > record.seq) return `entry ${record.seq} is not in the audit of this host`
  if (next.value.seq < record.seq) return `entry ${next.value.seq} (${next.value.action}) was left out before this one`
  return next.value.mac === record.mac ? null : `entry ${record.seq} is another one in the audit of this host`
}

async function expectEnd(
  lines: Lines,
  known: AsyncGenerator<AuditRecord, void, undefined>,
  { end, entries, number }: { end: AuditExportEnd; entries: number; number: number },
): Promise<void> {
  if (end.entries !== entries)
    throw new CommandFailed(`line ${number}: ${end.entries} entries were written, not ${entries}`)
  const left = await known.next()
  if (left.done !== true) throw new CommandFailed(`entry ${left.value.seq} (${left.value.action}) was left out`)
  for await (const line of lines) {
    if (line.trim() !== '') throw new CommandFailed(`line ${number + 1} stands after the end`)
  }
}
