import { join } from 'node:path'
import { z } from 'zod'
import { latencyOf, median } from '../figures.ts'
import { startChild } from '../processes/child.ts'
import { type MeasuredServer, serverVariables, startMeasuredServer } from '../processes/server.ts'
import { latencyText, type Measured, ratio } from '../report.ts'
import { seedDatabase } from '../world/seeding.ts'
import { approvers } from '../world/tenant.ts'
import { refuseFailures } from './callbacks.ts'
import type { Setting } from './setting.ts'

/*
 * Lists over HTTP, in a real session, with few and with very many rows in the database: an approver's pending list, and
 * those of the console. The approver has the same share of either. Both servers run at once and are asked by turns.
 */

const sizes = [10_000, 1_000_000] as const
/** Of so many tickets there is one row each of deliveries, audit and people. */
const shared = 10
const aim = 1.5
const lists = [
  { what: 'pending list', path: '/api/app/tickets?tab=pending', per: 1 },
  { what: 'console: tickets', path: '/api/app/console/tickets', per: 1 },
  { what: 'console: pending tickets', path: '/api/app/console/tickets?status=pending', per: 1 },
  { what: 'console: deliveries', path: '/api/app/console/deliveries', per: shared },
  { what: 'console: audit', path: '/api/app/console/audit', per: shared },
  { what: 'console: people', path: '/api/app/console/people', per: shared },
] as const
/** Copied until there are enough. */
const submitted = 500
/** No server is behind this address: nothing is sent in this measurement. */
const nowhere = 'http://127.0.0.1:9'

interface Target {
  tickets: number
  server: MeasuredServer
  cookie: string
}

/** What was measured of one list: for each database the latencies of each round. */
interface Timed {
  what: string
  /** How many rows each of the two has. */
  rows: string[]
  rounds: [few: number[][], many: number[][]]
}

export async function measureLists(setting: Setting): Promise<Measured> {
  const { load, isQuick, say } = setting
  say('lists, with few and with many rows')
  await using stack = new AsyncDisposableStack()
  const targets: Target[] = []
  for (const tickets of sizes) {
    say(`  a database of ${tickets} tickets`)
    const { server, cookie } = await prepare(setting, tickets)
    targets.push({ tickets, server: stack.use(server), cookie })
  }
  const plan = { rounds: isQuick ? 5 : 15, count: isQuick ? 100 : 200 }
  const timed: Timed[] = []
  for (const { what, path, per } of lists) {
    const rounds: Timed['rounds'] = [[], []]
    for (let n = 0; n <= plan.rounds; n += 1) {
      for (const [index, { server, cookie }] of targets.entries()) {
        await load.prepareGets({ path, cookie, count: plan.count })
        const outcome = await load.rush({ port: server.port, connections: 1, expected: '"items":[{', times: 1 })
        refuseFailures(what, outcome)
        // The first round is for the compilers.
        if (n > 0) rounds[index]?.push(outcome.latencies)
      }
    }
    const rows = sizes.map((size) => (size / per).toLocaleString('en'))
    timed.push({ what, rows, rounds })
  }
  return describe(timed)
}

async function prepare(setting: Setting, tickets: number): Promise<Pick<Target, 'server' | 'cookie'>> {
  const folder = join(setting.folder, `list-${tickets}`)
  await seedDatabase({ folder, larkUrl: nowhere, tickets: submitted, taps: null })
  let refresh: string
  {
    const variables = { ...serverVariables({ folder, larkUrl: nowhere }, 1), LOG_LEVEL: 'error' }
    await using child = startChild({ name: `multiply-${tickets}`, file: 'world/multiply.ts', folder })
    await child.ask('multiply', { folder, tickets })
    refresh = z.string().parse(await child.ask('logIn', { variables, folder, uid: approvers[0] }))
  }
  const server = await startMeasuredServer({ name: `list-${tickets}`, folder, larkUrl: nowhere })
  return { server, cookie: await accessCookie(server, refresh) }
}

/** What a browser does when its access token has run out. */
async function accessCookie(server: MeasuredServer, refresh: string): Promise<string> {
  const response = await fetch(`${server.url}${lists[0].path}`, { headers: { cookie: refresh } })
  if (!response.ok) throw new Error(`the list answered ${response.status}: ${await response.text()}`)
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0] ?? '')
    .join('; ')
}

function describe(timed: readonly Timed[]): Measured {
  const compared = timed.map(({ what, rows, rounds: [few, many] }) => {
    const quotient = median(many.map((round, n) => median(round) / median(few[n] ?? [])))
    const latencies = [few, many].map((rounds) => latencyOf(rounds.flat()))
    return { what, rows, quotient, latencies }
  })
  return {
    lines: compared.flatMap(({ what, rows, quotient, latencies }) => [
      ...latencies.map((latency, index) => ({
        what: `${what}, ${rows[index]} rows`,
        figure: latencyText(latency),
        aim: '',
        isMet: null,
      })),
      {
        what: `${what}, ${rows.toReversed().join(' to ')}`,
        figure: ratio(quotient),
        aim: `≤ ${aim}`,
        isMet: quotient <= aim,
      },
    ]),
    details: { lists: compared },
  }
}
