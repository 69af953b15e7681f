import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { latencyOf, median } from '../figures.ts'
import type { Outcome } from '../load/outcome.ts'
import { type Child, startChild } from '../processes/child.ts'
import type { MeasuredServer } from '../processes/server.ts'
import { type Line, latencyText, type Measured, megabytes, perSecond, ratio } from '../report.ts'
import { tenantId } from '../world/tenant.ts'
import type { Setting } from './setting.ts'

/*
 * Durable card-button callbacks per second, against a bare Express route, our verification alone, and the official SDK's
 * adapter with its state in memory. Rounds are interleaved and only the process being measured runs, so that all three meet the same machine.
 */

export interface CallbackPlan {
  rounds: number
  /** Callbacks in a round. */
  count: number
  /** No round begins after this, in milliseconds: a slow machine does fewer. */
  withinMs: number
  /** Callbacks before the first round, for the compilers of all three. */
  warmUp: number
  connections: number
}

export function callbackPlan(isQuick: boolean): CallbackPlan {
  return isQuick
    ? { rounds: 3, count: 1_500, withinMs: 40_000, warmUp: 1_000, connections: 64 }
    : { rounds: 7, count: 3_000, withinMs: 150_000, warmUp: 3_000, connections: 64 }
}

export const tapsNeeded = ({ rounds, count, warmUp }: CallbackPlan): number => rounds * count + warmUp

interface Target {
  name: string
  child: Child
  port: number
  /** How often the requests of a round are sent: a fast target gets enough to do. */
  times: number
  expected: string | null
  rounds: Round[]
  idleRss: number
  peakRss: number
}

interface Round {
  perSecond: number
  cpuMicroseconds: number
  latencies: number[]
}

/** For the server to fetch what came due while it stood still. */
const settleMs = 400

export async function measureCallbacks(
  { folder, load, say }: Setting,
  plan: CallbackPlan,
  server: MeasuredServer,
): Promise<Measured & { decided: number }> {
  await using bare = startChild({ name: 'bare-express', file: 'processes/bare-express.ts', folder })
  await using sdk = startChild({ name: 'sdk-express', file: 'processes/sdk-express.ts', folder })
  await using verifying = startChild({ name: 'verify-express', file: 'processes/verify-express.ts', folder })
  const success = '"type":"success"'
  const ours: Target = { ...target('countersign', server, server.port, 1), expected: success }
  const floor: Target = target('bare Express', bare, await portOf(bare), 6)
  const peer: Target = { ...target('SDK adapter', sdk, await portOf(sdk), 3), expected: success }
  const least: Target = { ...target('verification', verifying, await portOf(verifying), 4), expected: success }
  const targets = [ours, floor, least, peer]
  await sleep(2_000)
  for (const each of targets) {
    each.idleRss = (await each.child.sample()).rssBytes
    each.child.pause()
  }
  await load.prepareTaps({ from: 0, count: plan.warmUp })
  for (const each of targets) await round(load, each, plan.connections)
  for (const each of targets) each.rounds = []
  const startedAt = performance.now()
  for (let n = 0; n < plan.rounds && performance.now() - startedAt < plan.withinMs; n += 1) {
    await load.prepareTaps({ from: plan.warmUp + n * plan.count, count: plan.count })
    // Another one begins each time, so that whatever a first place is worth goes round.
    for (let place = 0; place < targets.length; place += 1) {
      const each = targets[(n + place) % targets.length]
      if (each !== undefined) await round(load, each, plan.connections)
    }
    const rates = targets.map(({ name, rounds }) => `${name} ${perSecond(rounds.at(-1)?.perSecond ?? Number.NaN)}`)
    say(`  round ${n + 1} of ${plan.rounds}: ${rates.join(', ')}`)
  }
  server.resume()
  const decided = plan.warmUp + ours.rounds.length * plan.count
  return { lines: linesOf(ours, floor, least, peer), details: { plan, targets: targets.map(detailsOf) }, decided }
}

function target(name: string, child: Child, port: number, times: number): Target {
  return { name, child, port, times, expected: null, rounds: [], idleRss: 0, peakRss: 0 }
}

export async function portOf(child: Child): Promise<number> {
  return z.number().parse(await child.ask('port'))
}

async function round(load: Load, each: Target, connections: number): Promise<void> {
  const { child, port, times, expected } = each
  child.resume()
  await sleep(settleMs)
  const before = await child.sample()
  const outcome = await load.rush({ port, connections, expected, times })
  const after = await child.sample()
  child.pause()
  refuseFailures(each.name, outcome)
  each.peakRss = Math.max(each.peakRss, after.rssBytes)
  each.rounds.push({
    perSecond: outcome.successes / (outcome.tookMs / 1_000),
    cpuMicroseconds: ((after.cpuMs - before.cpuMs) * 1_000) / outcome.successes,
    latencies: outcome.latencies,
  })
}

type Load = Setting['load']

/** A figure made of failures would be worth nothing. */
export function refuseFailures(name: string, { failures }: Outcome): void {
  const [first] = Object.entries(failures)
  if (first !== undefined) throw new Error(`${name} failed ${first[1]} times: ${first[0]}`)
}

/** The rate of each round beside that of the other target in the same round. */
const ratios = (one: Target, other: Target): number[] =>
  one.rounds.map((round, n) => round.perSecond / (other.rounds[n]?.perSecond ?? Number.NaN))

const rate = ({ rounds }: Target): number => median(rounds.map((round) => round.perSecond))
const cpu = ({ rounds }: Target): number => median(rounds.map((round) => round.cpuMicroseconds))

function linesOf(ours: Target, floor: Target, least: Target, peer: Target): Line[] {
  const toFloor = median(ratios(ours, floor))
  const info = (what: string, figure: string): Line => ({ what, figure, aim: '', isMet: null })
  const each = (show: (target: Target) => string): string =>
    [ours, floor, least, peer].map((target) => `${target.name} ${show(target)}`).join(', ')
  return [
    info(
      'callbacks decided per second, median of rounds',
      each((target) => perSecond(rate(target))),
    ),
    {
      what: 'durable callbacks, as a share of bare Express',
      figure: ratio(toFloor),
      aim: '≥ 0.50',
      isMet: toFloor >= 0.5,
    },
    info('verification alone, as a share of bare Express', ratio(median(ratios(least, floor)))),
    info('the SDK in memory, as a share of bare Express', ratio(median(ratios(peer, floor)))),
    info('durable callbacks, as a share of the SDK in memory', ratio(median(ratios(ours, peer)))),
    info(
      'processor time for a callback',
      each((target) => `${Math.round(cpu(target))} µs`),
    ),
    info('latency at full load', latencyText(latencyOf(ours.rounds.flatMap((round) => round.latencies)))),
    info(
      'memory (RSS) when idle',
      each(({ idleRss }) => megabytes(idleRss)),
    ),
    info(
      'memory (RSS) under load',
      each(({ peakRss }) => megabytes(peakRss)),
    ),
  ]
}

function detailsOf(target: Target) {
  const { name, idleRss, peakRss, rounds } = target
  return {
    name,
    idleRss,
    peakRss,
    rounds: rounds.map(({ latencies, ...round }) => ({ ...round, latency: latencyOf(latencies) })),
  }
}

/** Every success that was answered must be a decision that is stored. To be called when the server has ended. */
export function countDecisions(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true })
  const row = database
    .prepare("select count(*) as n from tickets where tenant_id = ? and status = 'approved'")
    .get(tenantId)
  database.close()
  return z.object({ n: z.number() }).parse(row).n
}
