import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Sandbox, type SandboxSeed, startSandbox } from '@countersign/sandbox'
import { z } from 'zod'
import { latencyOf } from '../figures.ts'
import { startMeasuredServer } from '../processes/server.ts'
import { latencyText, type Measured } from '../report.ts'
import { apiKey, app, approvers, emailOf, nameOf, people, submitters, ticketOf } from '../world/tenant.ts'
import type { Setting } from './setting.ts'

/* From POST /api/v1/tickets to the moment at which the platform has taken the card: here the strict sandbox. */

/** Below the platform's 1,000 calls a minute and app, and far below its 5 a second and person. */
const ratePerSecond = 10
/** The first ticket of each person has them looked up at the platform, a second call, which later ones need not. */
const warmUpPerSecond = 5
const receivers = approvers.slice(0, 20)
const arriveWithinMs = 60_000

export async function measureSubmitToCard(setting: Setting): Promise<Measured> {
  const { folder, isQuick, say } = setting
  say('from submission to card')
  await using sandbox = await startSandbox({ port: 0, host: '127.0.0.1', seed: sandboxSeed() })
  const larkUrl = sandbox.baseUrl('lark')
  await using server = await startMeasuredServer({ name: 'submit', folder: join(folder, 'submit'), larkUrl })
  const warmUp = receivers.length
  const counted = ratePerSecond * (isQuick ? 12 : 60)
  const early = await submitAtRate(server.url, { from: 0, count: warmUp, perSecond: warmUpPerSecond })
  const late = await submitAtRate(server.url, { from: warmUp, count: counted, perSecond: ratePerSecond })
  const sentAt = new Map([...early, ...late])
  const ids = [...sentAt.keys()]
  await allArrived(sandbox, ids)
  const latencies = ids.map((id, n) => arrival(sandbox, receiverOf(n), id) - (sentAt.get(id) ?? Number.NaN))
  const latency = latencyOf(latencies.slice(warmUp))
  return {
    lines: [{ what: `submit to card, ${ratePerSecond} tickets/s`, figure: latencyText(latency), aim: '', isMet: null }],
    details: { submitToCard: { ratePerSecond, latency } },
  }
}

async function allArrived(sandbox: Sandbox, ids: readonly string[]): Promise<void> {
  let awaited = ids.length - 1
  const hasArrived = (n: number): boolean => sandbox.chat(receiverOf(n)).some(isCardOf(ids[n] ?? ''))
  // One after the other from the end: each is looked for only until it is found.
  await sandbox.waitFor(() => {
    while (awaited >= 0 && hasArrived(awaited)) awaited -= 1
    return awaited < 0
  }, arriveWithinMs)
}

const receiverOf = (n: number): string => receivers[n % receivers.length] ?? ''

function sandboxSeed(): SandboxSeed {
  return {
    apps: [{ platform: 'lark', name: 'Bench', ...app, callbackUrl: '', redirectUrls: [] }],
    people: people.map((uid) => ({
      id: uid,
      name: nameOf(uid),
      platform: 'lark',
      email: emailOf(uid),
      locale: 'en_us',
    })),
  }
}

interface Series {
  from: number
  count: number
  perSecond: number
}

/** Submits at fixed times, whether or not earlier answers are there; the time of each request by ticket, in order. */
async function submitAtRate(url: string, series: Series): Promise<Map<string, number>> {
  const { from, count, perSecond } = series
  const startedAt = now()
  const submissions: Promise<readonly [string, number]>[] = []
  for (let n = 0; n < count; n += 1) {
    await sleep(Math.max(0, startedAt + (n / perSecond) * 1_000 - now()))
    submissions.push(submitOne(url, from + n))
  }
  return new Map(await Promise.all(submissions))
}

async function submitOne(url: string, n: number): Promise<readonly [string, number]> {
  const ticket = { ...ticketOf(n), nodes: [{ name: 'Data owner', approvers: [receiverOf(n)] }] }
  const startedAt = now()
  const response = await fetch(`${url}/api/v1/tickets`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...ticket, submitter: submitters[0] }),
  })
  if (response.status !== 201) throw new Error(`submit answered ${response.status}: ${await response.text()}`)
  const { id } = z.object({ id: z.string() }).parse(await response.json())
  return [id, startedAt]
}

/** Epoch milliseconds with fractions. */
const now = (): number => performance.timeOrigin + performance.now()

type Message = ReturnType<Sandbox['chat']>[number]

const isCardOf =
  (ticketId: string) =>
  (message: Message): boolean =>
    JSON.stringify(message.card ?? '').includes(ticketId)

function arrival(sandbox: Sandbox, receiver: string, ticketId: string): number {
  const message = sandbox.chat(receiver).find(isCardOf(ticketId))
  if (message === undefined) throw new Error(`no card of ${ticketId} reached ${receiver}`)
  return message.createdAt
}
