import { describe, expect, it } from 'vitest'
import type { Channel } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { ask, type Examination, type Finding, untilStopped } from '#server/channels/finding.ts'
import type { Messenger } from '#server/channels/messenger.ts'
import { onSqlite } from '#server/db/_engines.ts'
import type { ChannelRecord } from '#server/db/stores.ts'
import { FakeChannel } from '#server/delivery/_fake-channel.ts'
import { apply, testSealer } from '#server/provisioning/_files.ts'
import { createDoctor, type DoctorDeps } from './doctor.ts'
import { reportOf } from './report.ts'

const givesFine = async function* (): AsyncGenerator<Finding> {
  yield fine
}
const file = `tenants: [{ id: acme, name: Acme, channels: { lark: { appId: cli_1, appSecret: s }, webhook: {} },
  users: [{ uid: alice, name: Alice, channels: { lark: { email: a@acme.test } } }] }]`
const reader = { locale: 'en', place: 'api' } as const
const fine: Finding = { id: 'own', status: 'ok', evidence: () => 'fine' }

onSqlite((engine) => {
  const doctorWith = async (
    open: (record: ChannelRecord) => Channel | Messenger | null,
    more: Partial<DoctorDeps> = {},
  ) => {
    const sealer = testSealer()
    const database = await engine.open({ sealer })
    await apply(database, file, { sealer })
    const complaints: string[] = []
    const doctor = createDoctor({
      store: database.store,
      open,
      connections: null,
      register: () => Promise.reject(new Error('not expected')),
      callMeter: { usage: async () => null },
      sealer,
      noteSightings: async () => undefined,
      publicUrl: 'https://sg.example',
      log: { error: (_fields, message) => void complaints.push(message) },
      now: () => 1_000,
      ...more,
    })
    const examine = async (name: 'lark' | 'webhook' | 'email') => {
      const diagnosis = await doctor.examine('acme', name, { replaceCallback: false, actor: 'tests' })
      return diagnosis === null ? null : reportOf(diagnosis, reader)
    }
    return { database, doctor, examine, complaints }
  }
  const idsOf = (report: Awaited<ReturnType<Awaited<ReturnType<typeof doctorWith>>['examine']>>) =>
    (report?.findings ?? []).map(({ id, status }) => `${id} ${status}`)

  describe('the doctor', () => {
    it('adds to what a channel finds itself what is known here', async () => {
      const channel = Object.assign(new FakeChannel(), { examine: givesFine })
      const { database, examine } = await doctorWith(() => channel)
      await using _database = database
      const all = [
        'own ok',
        'callback_reached unknown',
        'message_reached unknown',
        'recent_deliveries unknown',
        'people_unmapped ok',
      ]
      expect(idsOf(await examine('lark'))).toEqual(all)
    })

    it('hides nothing when one check breaks off, and says that it did', async () => {
      const examine = async function* (): AsyncGenerator<Finding> {
        yield fine
        throw new Error('a fault of ours')
      }
      const { database, ...own } = await doctorWith(() => Object.assign(new FakeChannel(), { examine }))
      await using _database = database
      expect(idsOf(await own.examine('lark'))).toEqual(expect.arrayContaining(['own ok', 'examination unknown']))
      expect(idsOf(await own.examine('lark'))).toContain('people_unmapped ok')
      expect(own.complaints).toContain('a check of the doctor broke off')
    })

    it('names settings that cannot be used', async () => {
      const { database, examine } = await doctorWith(() => {
        throw new Error('bad settings')
      })
      await using _database = database
      expect(await examine('lark')).toMatchObject({ status: 'failed', findings: [{ id: 'settings' }] })
    })

    it('adds to what a channel that only tells finds who is told by it, and what became of that', async () => {
      const messenger = { tenantId: 'acme', name: 'webhook', appId: 'webhook', examine: givesFine }
      const { database, examine } = await doctorWith(() => messenger as unknown as Messenger)
      await using _database = database
      const all = ['own ok', 'addresses warning', 'rate_limit ok', 'recent_deliveries unknown']
      expect(idsOf(await examine('webhook'))).toEqual(all)
    })

    it('tells each thing as it is found, those who come later what they missed, and asks once for all', async () => {
      const gate = Promise.withResolvers<void>()
      let asked = 0
      const examine = async function* (): AsyncGenerator<Finding> {
        asked += 1
        yield fine
        await gate.promise
        yield { ...fine, id: 'second' }
      }
      const { database, doctor } = await doctorWith(() => Object.assign(new FakeChannel(), { examine }))
      await using _database = database
      const watch = () => {
        const seen: string[] = []
        const first = Promise.withResolvers<void>()
        const watcher = ({ id }: Finding): void => {
          seen.push(id)
          first.resolve()
        }
        const ended = doctor.examine('acme', 'lark', { replaceCallback: false, actor: 'tests', watcher })
        return { seen, first: first.promise, ended }
      }
      const early = watch()
      await early.first
      const late = watch()
      await late.first
      expect([early.seen, late.seen, asked]).toEqual([['own'], ['own'], 1])
      gate.resolve()
      expect((await early.ended)?.isComplete).toBe(true)
      await late.ended
      expect(late.seen).toEqual(early.seen)
      expect(late.seen.slice(0, 2)).toEqual(['own', 'second'])
    })

    it('asks nothing further once the last of those who wanted to know is gone', async () => {
      const gate = Promise.withResolvers<void>()
      const begun = Promise.withResolvers<void>()
      const calls: string[] = []
      const examine = async function* ({ signal }: Examination): AsyncGenerator<Finding> {
        const platform = untilStopped({ ask: async (what: string) => void calls.push(what) }, signal)
        await platform.ask('first')
        yield fine
        begun.resolve()
        await gate.promise
        await platform.ask('second')
      }
      const { database, doctor } = await doctorWith(() => Object.assign(new FakeChannel(), { examine }))
      await using _database = database
      const hangUp = [new AbortController(), new AbortController()] as const
      const ask = (signal: AbortSignal) =>
        doctor.examine('acme', 'lark', { replaceCallback: false, actor: 'tests', signal })
      const watching = [ask(hangUp[0].signal), ask(hangUp[1].signal)]
      await begun.promise
      hangUp[0].abort()
      const left = await watching[0]
      expect(left).toMatchObject({ isComplete: false, findings: [{ id: 'own' }] })
      expect(left === null || left === undefined ? null : reportOf(left, reader).status).toBe('unknown')
      hangUp[1].abort()
      await watching[1]
      gate.resolve()
      await new Promise((resolve) => setImmediate(resolve))
      expect(calls).toEqual(['first'])
      const again = ask(new AbortController().signal)
      await again
      expect(calls).toEqual(['first', 'first', 'second'])
    })

    it('knows no channel that the tenant has not', async () => {
      const { database, examine } = await doctorWith(() => null)
      await using _database = database
      expect(await examine('email')).toBeNull()
      expect(idsOf(await examine('webhook'))).toEqual(['adapter unknown'])
    })
  })
})

describe('a report', () => {
  const found = (status: Finding['status'], optional = false): Finding => ({ ...fine, status, optional })
  it.each([
    [[found('ok'), found('warning'), found('failed')], 'failed'],
    [[found('ok'), found('unknown'), found('warning')], 'warning'],
    [[found('ok'), found('unknown')], 'unknown'],
    [[found('ok'), found('warning', true), found('unknown', true)], 'ok'],
    [[], 'ok'],
  ] as const)('%# is as bad as its worst finding that is not optional', (findings, status) => {
    expect(reportOf({ channel: 'lark', at: 0, findings: [...findings], isComplete: true }, reader).status).toBe(status)
  })
})

describe('a question to a platform', () => {
  const question = { id: 'bot', call: 'GET /bot' }
  const answer = (): Finding => fine
  const refusal = (): Finding => ({ ...fine, status: 'failed' })
  const asked = (error: unknown) => ask(question, () => Promise.reject(error), { answer, refusal })

  it('fails by the platform’s own no, and by nothing else', async () => {
    expect(await asked(new ChannelError('rejected', '11205', 'no bot'))).toMatchObject({ status: 'failed' })
    for (const error of [
      new ChannelError('retry', 'timeout', 'no answer', { outcomeUnknown: true }),
      new ChannelError('retry', '502', 'HTTP 502'),
      new ChannelError('rate_limited', '99991400', 'too fast'),
    ]) {
      const finding = await asked(error)
      expect(finding).toMatchObject({ id: 'bot', status: 'unknown', code: error.code })
      expect(finding.evidence('en')).toContain(`GET /bot: no usable answer (${error.code})`)
    }
    await expect(asked(new TypeError('a fault of ours'))).rejects.toThrow('a fault of ours')
  })
})
