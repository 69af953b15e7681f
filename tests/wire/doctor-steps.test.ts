import { DoctorStep } from '@countersign/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { logIn, type Member } from '../_member.ts'
import { apps, startWorld, type World } from '../_world.ts'

/* An examination followed as it goes, over HTTP: each finding as soon as it is made, and an end when whoever asked hangs up. */

const steps = (channel: string): string => `/api/app/console/channels/${channel}/doctor/steps`
const path = steps('lark')
let world: World
let alice: Member
beforeAll(async () => {
  world = await startWorld({ dingtalk: 'http' })
  alice = await logIn(world, 'alice')
})
afterAll(() => world[Symbol.asyncDispose]())

/** The lines as they come; the callback of each may break off. */
async function follow(
  onStep: (step: DoctorStep, stop: () => void) => void,
  body: object = {},
  channel = 'lark',
): Promise<void> {
  const hangUp = new AbortController()
  const { headers, chunks } = await alice.open('POST', steps(channel), body, hangUp.signal)
  expect(headers.get('content-type')).toBe('application/x-ndjson')
  let text = ''
  try {
    for await (const chunk of chunks) {
      const lines = (text + chunk).split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) onStep(DoctorStep.parse(JSON.parse(line)), () => hangUp.abort())
    }
  } catch (error) {
    if (!hangUp.signal.aborted) throw error
  }
}

const asked = (): string[] =>
  world.sandbox.wire
    .filter(({ platform, direction }) => platform === 'lark' && direction === 'in')
    .map((each) => each.path)

describe('an examination that is followed', () => {
  it('tells each finding while the next is being asked for, in the person’s language, and at last the whole', async () => {
    const findings: string[] = []
    const askedAtFinding: number[] = []
    const before = asked().length
    let report: DoctorStep | undefined
    await follow(
      (step) => {
        if (step.kind === 'report') report = step
        else {
          findings.push(step.finding.id)
          askedAtFinding.push(asked().length - before)
        }
      },
      { locale: 'ja' },
    )
    if (report?.kind !== 'report') throw new Error('the report has not come')
    expect(report.report).toMatchObject({ channel: 'lark', isComplete: true })
    expect(report.report.findings.map(({ id }) => id)).toEqual(findings)
    expect(report.report.findings.find(({ id }) => id === 'credentials')?.title).toBe('資格情報')
    // The first were on their way before the last was asked for.
    expect(askedAtFinding[0]).toBeLessThan(askedAtFinding.at(-1) ?? 0)
  })

  it('asks the platform nothing more once whoever asked has hung up', async () => {
    const registrations = () =>
      world.sandbox.wire.filter((each) => each.path.includes('/v1.0/card/callbacks/register')).length
    await expect.poll(registrations, { timeout: 10_000 }).toBe(2)
    // While this is under way the browser hangs up; what would come after it never does.
    world.sandbox.faults.set({
      kind: 'slow',
      platform: 'dingtalk',
      path: '/v1.0/card/instances',
      delayMs: 400,
      times: 1,
    })
    await follow(
      (step, stop) => {
        if (step.kind === 'finding' && step.finding.id === 'credentials') stop()
      },
      {},
      'dingtalk',
    )
    await expect.poll(() => world.sandbox.wire.some(({ note }) => note === 'slow'), { timeout: 5_000 }).toBe(true)
    expect(registrations()).toBe(2)
    // Who asks next is asked for anew, and gets all of it.
    const { status, body } = await alice.call('POST', steps('dingtalk').replace('/steps', ''), {})
    expect([status, body.isComplete]).toEqual([200, true])
    expect(registrations()).toBe(3)
  })

  it('is refused as any answer is, before its first line', async () => {
    const bob = await logIn(world, 'bob')
    expect(await bob.call('POST', path, {})).toMatchObject({ status: 403 })
    expect(await alice.call('POST', path.replace('lark', 'sms'), {})).toMatchObject({ status: 404 })
    expect(await alice.call('POST', path, { locale: 'tlh' })).toMatchObject({ status: 422 })
    expect(await alice.call('POST', path, {}, { isForeign: true })).toMatchObject({ status: 403 })
  })

  it('says in the console what there is a button for', async () => {
    const { body } = await alice.call('POST', '/api/app/console/channels/lark/doctor', {})
    expect(JSON.stringify(body)).not.toContain('--replace-callback')
    expect(JSON.stringify(body)).not.toContain(apps.lark.appSecret)
  })
})
