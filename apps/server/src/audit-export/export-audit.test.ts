import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { verifyAuditFile } from '#server/cli/audit-file.ts'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import type { AuditFilter } from '#server/db/stores.ts'
import { exportAudit } from './export-audit.ts'
import { csvLines, jsonLines } from './write-lines.ts'

/* The audit as a file: complete, checked, and such that whoever changes a line of it is found out. */

const start = Date.parse('2026-11-02T09:00:00Z')

async function fill({ store }: TestDatabase, count: number, tenantId = 'acme'): Promise<void> {
  await store.run(async (tx) => {
    for (let n = 1; n <= count; n += 1) {
      const actor = n % 2 === 0 ? 'alice' : '=cmd()'
      const entry = { tenantId, at: start + n, actor, action: n % 3 === 0 ? 'ticket.approve' : 'session.login' }
      await tx.audit.append({ ...entry, target: `ticket:${n}`, detail: { n, text: 'a "quoted", line' } })
    }
  })
}

async function written({ stores }: TestDatabase, format: 'csv' | 'jsonl', filter: AuditFilter = {}): Promise<string[]> {
  const lines = exportAudit({ audit: stores.audit, tenantId: 'acme', exportedBy: 'root', filter, now: () => start })
  const chunks: string[] = []
  for await (const line of format === 'csv' ? csvLines(lines) : jsonLines(lines)) chunks.push(line)
  return chunks
}

async function verified({ stores }: TestDatabase, lines: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-export-'))
  try {
    const path = join(folder, 'audit.jsonl')
    writeFileSync(path, lines.join(''))
    const said: string[] = []
    await verifyAuditFile(stores.audit, path, (line) => void said.push(line))
    return said.join('\n')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

onEveryEngine((engine) => {
  describe('an export', () => {
    it('holds every entry in order, with the head and the verdict, and is found intact', async () => {
      await using database = await engine.open()
      await fill(database, 1_203)
      await fill(database, 3, 'beta')
      const lines = await written(database, 'jsonl')
      expect(lines).toHaveLength(1_205)
      const head = await database.stores.audit.head('acme')
      expect(JSON.parse(lines[0] ?? '')).toEqual({
        ...{
          format: 'countersign-audit/1',
          tenant: 'acme',
          exportedAt: '2026-11-02T09:00:00.000Z',
          exportedBy: 'root',
        },
        ...{ filter: {}, head },
      })
      expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ entries: 1_203, verification: { ok: true, badSeq: null } })
      expect(lines.slice(1, -1).map((line) => JSON.parse(line).seq)).toEqual(
        Array.from({ length: 1_203 }, (_, n) => n + 1),
      )
      // What comes later is another export's.
      await fill(database, 2)
      expect(await verified(database, lines)).toContain(
        `acme: 1203 entries up to 1203, intact; the last of the chain is ${head?.mac}`,
      )
    })

    it('by a filter holds what it names, and is found intact by the same filter', async () => {
      await using database = await engine.open()
      await fill(database, 60)
      const filter = { action: 'ticket.', from: start + 10, to: start + 50 }
      const lines = await written(database, 'jsonl', filter)
      const seqs = lines.slice(1, -1).map((line) => JSON.parse(line).seq)
      expect(seqs).toEqual([12, 15, 18, 21, 24, 27, 30, 33, 36, 39, 42, 45, 48])
      expect(await verified(database, lines)).toContain('13 entries up to 60, intact')
      // A filter that says less than it was made with would hide what is missing.
      const widened = [lines[0]?.replace('"ticket."', '"session."') ?? '', ...lines.slice(1)]
      await expect(verified(database, widened)).rejects.toThrow(/line 2: entry/)
    })

    it.each([
      [
        'changed',
        (lines: string[]) => lines.with(4, lines[4]?.replace('alice', 'carol') ?? ''),
        /line 5: entry 4 was changed/,
      ],
      ['left out', (lines: string[]) => lines.toSpliced(4, 1), /line 5: entry 4 \(session.login\) was left out/],
      [
        'put in twice',
        (lines: string[]) => lines.toSpliced(4, 0, lines[4] ?? ''),
        /line 6: entry 4 comes after entry 4/,
      ],
      [
        'exchanged',
        (lines: string[]) => lines.with(3, lines[4] ?? '').with(4, lines[3] ?? ''),
        /line 4: entry 3 .* left out/,
      ],
      ['no JSON', (lines: string[]) => lines.with(2, '{"seq":\n'), /line 3 is not as it was written/],
    ] as const)('with a line %s is found out, and where', async (_what, spoil, words) => {
      await using database = await engine.open()
      await fill(database, 12)
      const lines = await written(database, 'jsonl')
      await expect(verified(database, spoil(lines))).rejects.toThrow(words)
    })

    it('that was cut off, or had its end rewritten, is found out', async () => {
      await using database = await engine.open()
      await fill(database, 12)
      const lines = await written(database, 'jsonl')
      await expect(verified(database, lines.slice(0, -1))).rejects.toThrow('the file was cut off after line 13')
      const end = JSON.stringify({ ...JSON.parse(lines.at(-1) ?? ''), entries: 10 })
      await expect(verified(database, [...lines.slice(0, 11), `${end}\n`])).rejects.toThrow(/entry 11 .* was left out/)
      const head = JSON.parse(lines[0] ?? '')
      const shorter = JSON.stringify({ ...head, head: { ...head.head, seq: 10 } })
      await expect(verified(database, [`${shorter}\n`, ...lines.slice(1)])).rejects.toThrow(/line 1: entry 10/)
      await expect(verified(database, ['{}\n'])).rejects.toThrow('line 1 is not as it was written')
    })

    it('says so when the chain itself is broken, and the file is found out by it', async () => {
      await using database = await engine.open()
      await fill(database, 12)
      // Whoever can write the table can also take its trigger away.
      const trigger = database.engine === 'sqlite' ? 'audit_refuses_update' : 'audit_refuses_change on audit'
      await sql`drop trigger ${sql.raw(trigger)}`.execute(database.db)
      await database.db.updateTable('audit').set({ actor: 'nobody' }).where('seq', '=', 5).execute()
      const lines = await written(database, 'jsonl')
      expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ verification: { ok: false, badSeq: 5 } })
      await expect(verified(database, lines)).rejects.toThrow(/line 6: entry 5 was changed/)
    })

    it('as CSV has nothing that a spreadsheet would run, and ends with the verdict', async () => {
      await using database = await engine.open()
      await fill(database, 3)
      const text = (await written(database, 'csv')).join('')
      const rows = text.split('\r\n')
      expect(rows[0]).toBe('\uFEFFseq,at,actor,action,target,detail,prevMac,mac')
      expect(rows[1]).toContain("1,2026-11-02T09:00:00.001Z,'=cmd(),session.login,ticket:1,")
      expect(rows[1]).toContain('"{""n"":1,""text"":""a \\""quoted\\"", line""}"')
      const head = await database.stores.audit.head('acme')
      expect(rows[4]).toContain('root,export.end,')
      expect(rows[4]).toContain('""ok"":true')
      expect(rows[4]?.endsWith(head?.mac ?? '-')).toBe(true)
      expect(rows.slice(5)).toEqual([''])
    })
  })
})
