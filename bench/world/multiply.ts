import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { loadConfig } from '../../apps/server/src/config/config.ts'
import { createContext } from '../../apps/server/src/context.ts'
import { sqliteFileName } from '../../apps/server/src/db/open.ts'
import { answerParent } from '../processes/answering.ts'
import { approvers, tenantId } from './tenant.ts'

/*
 * Makes very many rows out of the few tickets that were submitted, by copying them inside SQLite: submitting a million
 * would take as long as everything else together.
 */

const Copies = z.object({ folder: z.string(), tickets: z.number() })
const LogIn = z.object({ variables: z.record(z.string(), z.string()), folder: z.string(), uid: z.string() })

/**
 * Fills up to so many tickets. Each is a copy of a submitted one under another id, number and time, and stands in the
 * lists of an approver and a submitter. Of every approver's tickets half are still pending: the same share of any number.
 */
function multiply({ folder, tickets }: z.infer<typeof Copies>): void {
  const database = new DatabaseSync(join(folder, sqliteFileName))
  // Only while the file is made; the server opens it anew with its own settings.
  database.exec('pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -262144; begin')
  const Present = z.object({ count: z.number(), top: z.number() })
  const present = Present.parse(database.prepare('select count(*) as count, max(number) as top from tickets').get())
  const id = "printf('ffffffff-ffff-7fff-8fff-%012x', numbers.n)"
  const at = 'original.created_at - (:last - numbers.n) * 1000'
  const own: Record<string, string> = {
    id,
    number: ':top + numbers.n',
    external_id: 'null',
    idempotency_key: 'null',
    created_at: at,
    updated_at: at,
  }
  const columns = z.array(z.object({ name: z.string() })).parse(database.prepare('pragma table_info(tickets)').all())
  const values = columns.map(({ name }) => own[name] ?? `original.${name}`)
  const last = tickets - present.count
  const originals = 'select *, row_number() over (order by number) - 1 as place from tickets'
  const numbers = 'recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < :last)'
  const byPlace = `numbers join original on original.place = numbers.n % ${present.count}`
  database.exec(`create temp table original as ${originals}`)
  database
    .prepare(
      `with ${numbers} insert into tickets (${columns.map(({ name }) => name).join()}) select ${values.join()} from ${byPlace}`,
    )
    .run({ last, top: present.top })
  const person = `'${approvers[0]?.replace(/\d+$/, '')}' || (numbers.n / 2 % ${approvers.length})`
  const people = [
    [person, "iif(numbers.n % 2 = 0, 'pending', 'done')"],
    ['original.submitter', "'submitted'"],
  ] as const
  for (const [uid, tab] of people) {
    database
      .prepare(
        `with ${numbers} insert into ticket_people (tenant_id, ticket_id, uid, tab, sort_at)
         select original.tenant_id, ${id}, ${uid}, ${tab}, ${at} from ${byPlace}`,
      )
      .run({ last })
  }
  for (const table of ['deliveries', 'audit', 'users'] as const) copyRows(database, table, tickets / 10)
  database.exec('commit; pragma journal_mode = wal')
  database.close()
}

/** What makes a copied row another one. */
const identity = {
  deliveries: { id: "printf('ffffffff-ffff-7fff-8fff-%012x', numbers.n)", notice_key: "'copy-' || numbers.n" },
  audit: { seq: ':top + numbers.n' },
  users: {
    uid: "printf('person-%07d', numbers.n)",
    name: "printf('Person %07d', numbers.n)",
    email: 'null',
    provisioned: '0',
  },
} as const satisfies Record<string, Record<string, string>>

/** Fills a table up to so many rows; of the audit's copies no seal is right, which no list looks at. */
function copyRows(database: DatabaseSync, table: keyof typeof identity, rows: number): void {
  const Present = z.object({ count: z.number(), top: z.number() })
  const top = table === 'audit' ? 'max(seq)' : '0'
  const present = Present.parse(database.prepare(`select count(*) as count, ${top} as top from ${table}`).get())
  const own: Record<string, string> = identity[table]
  const columns = z.array(z.object({ name: z.string() })).parse(database.prepare(`pragma table_info(${table})`).all())
  const values = columns.map(({ name }) => own[name] ?? `original.${name}`)
  database.exec(`create temp table original_${table} as
    select *, row_number() over () - 1 as place from ${table}`)
  const parameters = { last: rows - present.count, ...(values.join().includes(':top') ? { top: present.top } : {}) }
  database
    .prepare(
      `with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < :last)
       insert into ${table} (${columns.map(({ name }) => name).join()})
       select ${values.join()} from numbers
         join original_${table} as original on original.place = numbers.n % ${present.count}`,
    )
    .run(parameters)
}

/** Puts a session into the database, as log-in does, and returns the cookie that goes with it. */
async function logIn({ variables, folder, uid }: z.infer<typeof LogIn>): Promise<string> {
  await using context = await createContext(loadConfig(folder, variables))
  const at = Date.now()
  const secret = randomBytes(32).toString('base64url')
  const refreshHash = createHash('sha256').update(secret).digest('hex')
  const id = context.v1Deps.newId()
  const times = {
    rotatedAt: at,
    createdAt: at,
    expiresAt: at + 60 * 60 * 1_000,
    revokedAt: null,
    secondFactorAt: null,
    userAgent: null,
    platformUserId: null,
    way: null,
  }
  const session = { tenantId, id, uid, channel: 'lark' as const, refreshHash, previousHash: null, ...times }
  await context.store.run(({ sessions }) => sessions.addSession(session))
  return `cs_refresh=${id}.${secret}`
}

answerParent({
  multiply: (argument) => multiply(Copies.parse(argument)),
  logIn: (argument) => logIn(LogIn.parse(argument)),
})
