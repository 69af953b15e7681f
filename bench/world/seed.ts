import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { finished } from 'node:stream/promises'
import { z } from 'zod'
import { loadConfig } from '../../apps/server/src/config/config.ts'
import { type Context, createContext } from '../../apps/server/src/context.ts'
import { sqliteFileName } from '../../apps/server/src/db/open.ts'
import { submit } from '../../apps/server/src/tickets/lifecycle.ts'
import { answerParent } from '../processes/answering.ts'
import type { Tap } from './callback-request.ts'
import { approversOf, openIdOf, people, tenantId, ticketOf } from './tenant.ts'

/*
 * Fills a server's database before it starts: tickets through the server's own store and rules, and their cards as if
 * the platform had taken every one.
 */

const Seeding = z.object({
  /** Of the server to come. */
  variables: z.record(z.string(), z.string()),
  folder: z.string(),
  tickets: z.number(),
  /** Where the taps go, one JSON line each; null: nobody will tap. */
  taps: z.string().nullable(),
})
type Seeding = z.infer<typeof Seeding>

/** So many submissions share a commit. */
const atOnce = 128

async function seed({ variables, folder, tickets, taps }: Seeding): Promise<void> {
  {
    // Without a worker: nothing leaves while the tickets are made.
    await using context = await createContext(loadConfig(folder, variables))
    await rememberPeople(context)
    const out = taps === null ? null : createWriteStream(taps)
    for (let from = 0; from < tickets; from += atOnce) {
      const numbers = Array.from({ length: Math.min(atOnce, tickets - from) }, (_, index) => from + index)
      const made = await Promise.all(numbers.map((n) => submitOne(context, n)))
      out?.write(made.map((tap) => `${JSON.stringify(tap)}\n`).join(''))
    }
    if (out !== null) await finished(out.end())
  }
  markSent(join(folder, sqliteFileName))
}

/** Whose account is whose is known, as it is after the first card. */
function rememberPeople({ store }: Context): Promise<void> {
  return store.run(async ({ directory }) => {
    for (const uid of people) {
      const binding = await directory.binding(tenantId, 'lark', uid)
      if (binding === null) throw new Error(`${uid} is not bound`)
      await directory.remember(tenantId, binding, openIdOf(uid), Date.now())
    }
  })
}

async function submitOne(context: Context, n: number): Promise<Tap> {
  const { store, callbackDeps, v1Deps } = context
  const id = v1Deps.newId()
  const keys = { externalId: `bench-${n}`, idempotencyKey: null, requestHash: id }
  const submission = { tenantId, input: ticketOf(n), keys, apiKeyName: 'bench', via: 'api', newId: id, at: Date.now() }
  const { ticket } = await store.run((tx) => submit(tx, submission))
  const button = { ticketId: id, node: 0, action: 'approve', contentHash: ticket.contentHash } as const
  return { openId: openIdOf(approversOf(n)[0]), button: callbackDeps.proofs.sign(tenantId, button) }
}

function markSent(file: string): void {
  const database = new DatabaseSync(file)
  database.exec(`
    begin;
    insert into delivery_attempts (tenant_id, delivery_id, seq, at, code, message)
      select tenant_id, id, 1, created_at, '0', 'success' from deliveries where state = 'queued';
    update deliveries set state = 'sent', shown_version = wanted_version, due_at = null,
      message = json_object('messageId', 'om_' || id) where state = 'queued';
    commit;
    pragma wal_checkpoint(truncate);
  `)
  database.close()
}

answerParent({ seed: (argument) => seed(Seeding.parse(argument)) })
