import { describe, expect, it } from 'vitest'
import type { Channel } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { ask, type Finding } from '#server/channels/finding.ts'
import type { Messenger } from '#server/channels/messenger.ts'
import { onSqlite } from '#server/db/_engines.ts'
import type { ChannelRecord } from '#server/db/stores.ts'
import { FakeChannel } from '#server/delivery/_fake-channel.ts'
import { apply, testSealer } from '#server/provisioning/_files.ts'
import { createDoctor, type DoctorDeps, reportOf } from './doctor.ts'

const file = `tenants: [{ id: acme, name: Acme, channels: { lark: { appId: cli_1, appSecret: s }, webhook: {} },
  users: [{ uid: alice, name: Alice, channels: { lark: { email: a@acme.test } } }] }]`
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
      noteSightings: async () => undefined,
      publicUrl: 'https://sg.example',
      log: { error: (_fields, message) => void complaints.push(message) },
      now: () => 1_000,
      ...more,
    })
    const examine = async (name: 'lark' | 'webhook' | 'email') => {
      const diagnosis = await doctor.examine('acme', name, { replaceCallback: false, actor: 'tests' })
      return diagnosis === null ? null : reportOf(diagnosis, 'en')
    }
    return { database, examine, complaints }
  }
  const idsOf = (report: Awaited<ReturnType<Awaited<ReturnType<typeof doctorWith>>['examine']>>) =>
    (report?.findings ?? []).map(({ id, status }) => `${id} ${status}`)

  describe('the doctor', () => {
    it('adds to what a channel finds itself what is known here', async () => {
      const channel = Object.assign(new FakeChannel(), { examine: async () => [fine] })
      const { database, examine } = await doctorWith(() => channel)
      await using _database = database
      const all = ['own ok', 'callback_reached unknown', 'message_reached unknown', 'people_unmapped ok']
      expect(idsOf(await examine('lark'))).toEqual(all)
    })

    it('hides nothing when one check breaks off, and says that it did', async () => {
      const examine = () => Promise.reject(new Error('a fault of ours'))
      const { database, ...own } = await doctorWith(() => Object.assign(new FakeChannel(), { examine }))
      await using _database = database
      expect(idsOf(await own.examine('lark'))).toContain('examination unknown')
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

    it('takes what channels of other kinds find, and nothing else', async () => {
      const messenger = { tenantId: 'acme', name: 'webhook', appId: 'webhook', examine: async () => [fine] }
      const { database, examine } = await doctorWith(() => messenger as unknown as Messenger)
      await using _database = database
      expect(await examine('webhook')).toMatchObject({ status: 'ok', findings: [{ id: 'own', evidence: 'fine' }] })
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
    expect(reportOf({ channel: 'lark', at: 0, findings: [...findings] }, 'en').status).toBe(status)
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
