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
 * An approver's pending list over HTTP, in a real session, with few and with very many tickets in the database. The
 * approver has the same share of either. Both servers run at once and are asked by turns.
 */

const sizes = [10_000, 1_000_000] as const
const aim = 1.5
/** Copied until there are enough. */
const submitted = 500
const path = '/api/app/tickets?tab=pending'
/** No server is behind this address: nothing is sent in this measurement. */
const nowhere = 'http://127.0.0.1:9'

interface Target {
  tickets: number
  server: MeasuredServer
  cookie: string
  rounds: number[][]
}

export async function measurePendingList(setting: Setting): Promise<Measured> {
  const { load, isQuick, say } = setting
  say('the pending list, with few and with many tickets')
  await using stack = new AsyncDisposableStack()
  const targets: Target[] = []
  for (const tickets of sizes) {
    say(`  a database of ${tickets} tickets`)
    const { server, cookie } = await prepare(setting, tickets)
    targets.push({ tickets, server: stack.use(server), cookie, rounds: [] })
  }
  const plan = { rounds: isQuick ? 5 : 15, count: 200 }
  for (let n = 0; n <= plan.rounds; n += 1) {
    for (const { server, cookie, rounds } of targets) {
      await load.prepareGets({ path, cookie, count: plan.count })
      const outcome = await load.rush({ port: server.port, connections: 1, expected: '"items":[{', times: 1 })
      refuseFailures('the list', outcome)
      // The first round is for the compilers.
      if (n > 0) rounds.push(outcome.latencies)
    }
  }
  return describe(targets)
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
  const response = await fetch(`${server.url}${path}`, { headers: { cookie: refresh } })
  if (!response.ok) throw new Error(`the list answered ${response.status}: ${await response.text()}`)
  return response.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0] ?? '')
    .join('; ')
}

function describe(targets: readonly Target[]): Measured {
  const [small, large] = targets
  if (small === undefined || large === undefined) throw new Error('two databases are compared')
  const quotients = large.rounds.map((round, n) => median(round) / median(small.rounds[n] ?? []))
  const quotient = median(quotients)
  const lines = targets.map(({ tickets, rounds }) => ({
    what: `pending list with ${tickets.toLocaleString('en')} tickets`,
    figure: latencyText(latencyOf(rounds.flat())),
    aim: '',
    isMet: null,
  }))
  const what = `pending list, ${large.tickets.toLocaleString('en')} to ${small.tickets.toLocaleString('en')}`
  return {
    lines: [...lines, { what, figure: ratio(quotient), aim: `≤ ${aim}`, isMet: quotient <= aim }],
    details: {
      pendingList: targets.map(({ tickets, rounds }) => ({ tickets, latency: latencyOf(rounds.flat()) })),
      quotients,
    },
  }
}
