import { type ChannelName, locales } from '@countersign/contracts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLog } from '#server/log.ts'
import { bundleOf, letterOf, noticeOf } from './_letter.ts'
import { ChannelError, type ChannelErrorKind } from './channel-error.ts'
import type { MessageContent, Messenger, MessengerTraits } from './messenger.ts'

/* What every channel that only tells promises. messenger-registry.test.ts runs this for each there is, in each setting. */

export interface MessengerHarness {
  name: ChannelName
  /** Every way in which it can be set that changes what is sent, each with a name. */
  settings: [string, Record<string, unknown>][]
  startPlatform(): Promise<MessengerPlatform>
  /** Addresses that a person must not be able to use, beside what `HttpUrl` and the like refuse; null: any can be used. */
  hostileAddresses: unknown[] | null
  /** Kinds of failure that its platform does not have. */
  lacks?: readonly ChannelErrorKind[]
}

export interface MessengerPlatform extends AsyncDisposable {
  /** Of one of its receivers, by any name; as the operator may write it. */
  address(receiver: string): unknown
  /** What gives access to a receiver. */
  secretsOf(receiver: string): string[]
  fail(as: ChannelErrorKind): void
  /** Takes the next message, and its answer is lost. */
  loseAnswer(): void
  /** Silent for good from now on: nothing listens there any more. */
  close(): Promise<void>
  messages: ShownMessage[]
  /** Of the tenant, where it is they that say where the platform is. */
  readonly settings?: Record<string, unknown>
}

/** A message as its receiver sees it. */
export interface ShownMessage {
  /** As the platform counts, against its limit. */
  bytes: number
  maxBytes: number
  text: string
  /** Mentions, links, tags and emphasis found in what people wrote. */
  marks: string[]
  /** Where it leads. */
  links: string[]
  /** By which the platform would know it again; null: it knows none. */
  key: string | null
}

interface Subject {
  harness: MessengerHarness
  messenger: Messenger
  platform: MessengerPlatform
}

export function describeMessenger(
  harness: MessengerHarness,
  traits: MessengerTraits,
  open: (settings: Record<string, unknown>) => Messenger,
): void {
  describe.each(harness.settings)(`the ${harness.name} messenger (%s)`, (_, settings) => {
    let current: Subject | null = null
    beforeEach(async () => {
      const platform = await harness.startPlatform()
      current = { harness, platform, messenger: open({ ...settings, ...platform.settings }) }
    })
    afterEach(async () => {
      await current?.platform[Symbol.asyncDispose]()
    })
    const subject = (): Subject => current ?? expect.fail('only inside of a test')
    describeIdentity(subject, traits)
    describe('telling', () => describeTelling(subject))
    describe('failing', () => describeFailing(subject))
  })
}

function describeIdentity(subject: () => Subject, traits: MessengerTraits): void {
  it('declares who it is and what it may do', () => {
    const { messenger, harness } = subject()
    expect(messenger).toMatchObject({ tenantId: 'acme', name: harness.name, canBundle: traits.canBundle })
    expect(messenger.appId).not.toBe('')
    const limits = Object.values(messenger.limits).flat()
    expect(limits).not.toEqual([])
    for (const { points, seconds } of limits) {
      expect(points).toBeGreaterThan(0)
      expect(seconds).toBeGreaterThan(0)
    }
  })

  it('tells receivers apart', () => {
    const { messenger, platform } = subject()
    const one = messenger.receiverOf(platform.address('one'))
    expect(one).toBe(messenger.receiverOf(platform.address('one')))
    expect(one).not.toBe(messenger.receiverOf(platform.address('two')))
  })

  it('refuses addresses by which a person could have it call anything', () => {
    const { messenger, harness } = subject()
    for (const address of harness.hostileAddresses ?? []) {
      expect(messenger.refuseAddress?.(address), JSON.stringify(address)).toEqual(expect.stringMatching(/./))
    }
  })
}

async function shown(
  { messenger, platform }: Subject,
  content: MessageContent,
  changes: Parameters<typeof letterOf>[3] = {},
): Promise<ShownMessage> {
  const delivered = await messenger.send(await letterOf(messenger, platform.address('one'), content, changes))
  expect(delivered.code).not.toBe('')
  // What has no address to update is never updated.
  expect(delivered.message).toBeNull()
  return platform.messages.at(-1) ?? expect.fail('nothing was received')
}

const long = '<at id=all></at>@all[x](https://evil.example)```**b**_i_~s~#h\n![i](https://evil.example/i)"\\数据😀&lt;'

function describeTelling(subject: () => Subject): void {
  it.each(locales)('tells of a ticket, and leads to it (%s)', async (locale) => {
    const { text, links, marks } = await shown(subject(), noticeOf({ locale }), { locale })
    expect(text).toContain('1042')
    expect(text).toContain('Export orders')
    expect(links).toEqual([noticeLink])
    expect(marks).toEqual([])
  })

  it.each(locales)('tells of many at once, with their number (%s)', async (locale) => {
    const { messenger } = subject()
    if (!messenger.canBundle) return expect(messenger.canBundle).toBe(false)
    const { text, links } = await shown(subject(), bundleOf(347, { locale }), { locale })
    expect(text).toMatch(/347/)
    expect(text).toContain('#1042')
    expect(links).toEqual(['https://approve.example.com/console/mobile/index/?t=acme'])
    return undefined
  })

  it.each([
    ['a test', { kind: 'test' }],
    ['a code', { kind: 'code', code: '482915', validMinutes: 10 }],
    ['a report', { kind: 'report', lines: ['dan: no channel'], link: 'https://approve.example.com/console/' }],
  ] satisfies [string, MessageContent][])('can carry %s', async (_, content) => {
    const { text } = await shown(subject(), content)
    const said = content.kind === 'code' ? '482915' : content.kind === 'report' ? 'no channel' : 'Test message'
    expect(text).toContain(said)
  })

  it('keeps within the size the platform takes, and what people wrote stays text', async () => {
    const fields = Array.from({ length: 50 }, () => ({ label: long, value: long.repeat(40) }))
    const huge = { title: long.repeat(3), submitter: long, description: long.repeat(100), fields }
    const contents = [noticeOf(huge), ...(subject().messenger.canBundle ? [bundleOf(500, huge)] : [])]
    for (const content of contents) {
      const { bytes, maxBytes, marks, text } = await shown(subject(), content)
      expect(bytes).toBeLessThanOrEqual(maxBytes)
      expect(marks).toEqual([])
      expect(text).toBe(text.toWellFormed())
      expect(text).not.toContain('\uFFFD')
    }
  })

  it('carries its key where the platform knows one', async () => {
    const { key } = await shown(subject(), noticeOf(), { idempotencyKey: 'a-key-of-ours' })
    expect([null, 'a-key-of-ours']).toContain(key)
  })
}

const noticeLink =
  'https://approve.example.com/console/mobile/index/?t=acme&c=lark&ticket=0192f0a4-7b1c-7c3e-9d55-1f0c2f6a9e01'

async function failure({ messenger, platform }: Subject): Promise<ChannelError> {
  const letter = await letterOf(messenger, platform.address('one'))
  const error: unknown = await messenger.send(letter).catch((thrown: unknown) => thrown)
  return error instanceof ChannelError ? error : expect.fail(`no ChannelError: ${String(error)}`)
}

function describeFailing(subject: () => Subject): void {
  it.each(['retry', 'rate_limited', 'auth', 'gone', 'rejected'] as const)(
    'tells a failure apart (%s)',
    async (kind) => {
      const { platform, harness } = subject()
      if (harness.lacks?.includes(kind) === true) return expect(harness.lacks).toContain(kind)
      platform.fail(kind)
      const error = await failure(subject())
      expect(error).toMatchObject({ kind, code: expect.stringMatching(/./), outcomeUnknown: false })
      if (kind === 'rate_limited') expect(error.retryAfterMs).toBeGreaterThan(0)
      return undefined
    },
  )

  it('knows that a message whose answer was lost may have arrived', async () => {
    subject().platform.loseAnswer()
    expect(await failure(subject())).toMatchObject({ kind: 'retry', outcomeUnknown: true })
    expect(subject().platform.messages).toHaveLength(1)
  })

  it('knows that nothing can have arrived where nobody listens', async () => {
    await subject().platform.close()
    expect(await failure(subject())).toMatchObject({ kind: 'retry', outcomeUnknown: false })
  })

  it('never says in an error, nor in what is logged of it, what gives access to the receiver', async () => {
    const { platform } = subject()
    const faults: (() => unknown)[] = [
      () => platform.fail('retry'),
      () => platform.fail('rejected'),
      () => platform.loseAnswer(),
      () => platform.close(),
    ]
    const said: string[] = []
    const log = createLog({ level: 'trace', destination: { write: (line) => void said.push(line) } })
    for (const fault of faults) {
      await fault()
      const error = await failure(subject())
      said.push(`${error.code} ${error.message}`)
      log.info({ err: error }, 'a try did not succeed')
    }
    expect(said).toHaveLength(2 * faults.length)
    for (const secret of platform.secretsOf('one')) expect(said.join('\n')).not.toContain(secret)
  })
}
