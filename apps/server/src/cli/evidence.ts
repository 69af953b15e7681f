import { readFileSync } from 'node:fs'
import { type AuditRecord, Evidence } from '@countersign/contracts'
import type { AuditStore } from '#server/db/stores.ts'
import { CommandFailed } from './command.ts'

/** Reads an evidence pack. Throws CommandFailed on anything that is none. */
export function readEvidence(path: string): Evidence {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new CommandFailed(`${path} cannot be read as JSON (${error instanceof Error ? error.name : String(error)})`)
  }
  const parsed = Evidence.safeParse(content)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new CommandFailed(`${path} is no evidence pack: ${issue?.path.join('.') || 'the whole'}: ${issue?.message}`)
}

/**
 * Checks an evidence pack against the host: every audit entry is signed and stands in the chain, none about the ticket is
 * left out, and the history says what the entries say. Throws CommandFailed naming what is wrong.
 */
export async function verifyEvidence(audit: AuditStore, pack: Evidence, out: (line: string) => void): Promise<void> {
  const target = `ticket:${pack.ticket.id}`
  for (const record of pack.audit) {
    if (record.target !== target) throw new CommandFailed(`entry ${record.seq} is about ${record.target}`)
    if (!(await audit.holds(pack.tenant, record))) {
      throw new CommandFailed(`entry ${record.seq} was changed, or was not made by this host`)
    }
  }
  const known = await audit.entriesAbout(pack.tenant, target)
  const missing = known.find(({ seq }) => seq <= pack.head.seq && !pack.audit.some((record) => record.seq === seq))
  if (missing !== undefined) throw new CommandFailed(`entry ${missing.seq} (${missing.action}) was left out`)
  matchHistory(pack)
  out(`${pack.tenant}: ticket ${pack.ticket.number}: ${pack.audit.length} entries, intact`)
}

/** The history has no MAC of its own: each line must be backed by an entry, and each entry by a line. */
function matchHistory({ ticket, audit }: Evidence): void {
  const said = audit.filter(({ action }) => action !== 'ticket.refused').map(describeRecord)
  const lines = ticket.history.map(({ at, actor, action, via }) => describe(at, actor, action, via))
  const unbacked = lines.find((line) => !said.includes(line))
  if (unbacked !== undefined) throw new CommandFailed(`the history says what no entry backs: ${unbacked}`)
  const unsaid = said.find((line) => !lines.includes(line))
  if (unsaid !== undefined) throw new CommandFailed(`the history leaves out: ${unsaid}`)
}

function describeRecord({ at, actor, action, detail }: AuditRecord): string {
  const { via }: { via?: unknown } = JSON.parse(detail)
  return describe(at, actor, action.replace(/^ticket\./, ''), String(via))
}

function describe(at: string, actor: string, action: string, via: string): string {
  return `${at} ${actor} ${action} ${via}`
}
