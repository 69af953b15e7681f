import { writeSync } from 'node:fs'
import { v7 as uuid } from 'uuid'
import { decide } from '#server/tickets/lifecycle.ts'
import { noKeys, ticketOf } from './_fixtures.ts'
import { openStore } from './open.ts'

/*
 * A process to be killed: opens the SQLite store in the given directory, says so, and (unless told to `open` only) decides
 * tickets without end, naming each on standard output once it has been acknowledged.
 */

const [dataDir = '', what = 'decide'] = process.argv.slice(2)
const store = await openStore({
  dataDir,
  databaseUrl: null,
  auditKeys: [{ id: 'test', key: Buffer.alloc(32, 7) }],
  sealer: { seal: (text) => text, open: (text) => text, isStale: () => false },
  now: Date.now,
  newId: () => uuid(),
  channelNames: [],
  sharedChannels: [],
  timeZone: 'UTC',
})
writeSync(1, 'open\n')

async function decideOne(): Promise<string> {
  const { id, contentHash } = await store.run(async (tx) => {
    const ticket = ticketOf({ number: await tx.tickets.nextNumber('acme') })
    await tx.tickets.insert(ticket, noKeys)
    return ticket
  })
  const outcome = await store.run((tx) =>
    decide(tx, {
      tenantId: 'acme',
      ticketId: id,
      actor: 'alice',
      action: 'approve',
      contentHash,
      comment: null,
      surface: 'card',
      confirmed: false,
      via: 'card:lark',
      tappedChannel: 'lark',
      at: Date.now(),
    }),
  )
  if (!outcome.ok) throw new Error(outcome.refusal.reason)
  return id
}

async function decideForEver(): Promise<void> {
  for (;;) writeSync(1, `${await decideOne()}\n`)
}

if (what === 'open') await store[Symbol.asyncDispose]()
else await Promise.all(Array.from({ length: 8 }, decideForEver))
