import { resolve } from 'node:path'
import { loadConfig } from '#server/config/config.ts'
import type { AuditStore } from '#server/db/stores.ts'
import { isAuditFile, verifyAuditFile } from './audit-file.ts'
import { type Command, CommandFailed } from './command.ts'
import { readEvidence, verifyEvidence } from './evidence.ts'
import { expectDatabase, openHost } from './host.ts'

export const verifyAudit: Command = {
  name: 'verify-audit',
  usage: '[--tenant <id>] [evidence.json | audit.jsonl]',
  summary: 'check that no audit entry, or nothing in an evidence pack or an export, was changed, removed or put in',
  options: { tenant: { type: 'string' } },
  takes: [0, 1],
  async run({ folder, variables, options, arguments: [file], out }) {
    const config = loadConfig(folder, variables)
    expectDatabase(config)
    await using store = await openHost(config)
    const { tenants, audit } = store.stores
    if (file !== undefined) {
      const path = resolve(folder, file)
      if (await isAuditFile(path)) await verifyAuditFile(audit, path, out)
      else await verifyEvidence(audit, readEvidence(path), out)
      return
    }
    const ids = (await tenants.tenants()).map((tenant) => tenant.id)
    const chosen = typeof options.tenant === 'string' ? ids.filter((id) => id === options.tenant) : ids
    if (chosen.length === 0) throw new CommandFailed('there is no such tenant')
    const broken = []
    for (const tenantId of chosen) if (!(await verifyOne(audit, tenantId, out))) broken.push(tenantId)
    if (broken.length > 0) throw new CommandFailed(`the audit of ${broken.join(', ')} is not intact`)
  },
}

/** The last entry is named so that it can be kept elsewhere: a chain that was cut off is intact up to its end. */
async function verifyOne(audit: AuditStore, tenantId: string, out: (line: string) => void): Promise<boolean> {
  const result = await audit.verify(tenantId)
  const head = await audit.head(tenantId)
  if (result.ok)
    out(`${tenantId}: ${result.entries} entries, intact${head === null ? '' : `; the last is ${head.mac}`}`)
  else out(`${tenantId}: broken at entry ${result.badSeq}: ${result.reason}`)
  return result.ok
}
