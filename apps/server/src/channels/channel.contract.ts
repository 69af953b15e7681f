import { type ChannelName, locales, refusalReasons } from '@countersign/contracts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { approvedCardModel, cardModel } from './_card-model.ts'
import { findingsOf, freshExamination } from './_findings.ts'
import {
  type ButtonValue,
  CallbackRefused,
  type CardModel,
  type Channel,
  type Outgoing,
  type RawCallback,
} from './channel.ts'
import { type DirectoryCall, type DirectoryPage, type DirectoryPerson, PermissionMissing } from './channel-directory.ts'
import { ChannelError, type ChannelErrorKind } from './channel-error.ts'
import { type Examination, fixFor } from './finding.ts'

/* What every channel promises, whatever its platform. registry.test.ts runs this for each channel there is. */

/** How the suite speaks a channel's platform. */
export interface ChannelHarness {
  name: ChannelName
  /** With all that is needed to verify callbacks. */
  settings(platformUrl: string): Record<string, unknown>
  /** The same, each lacking something without which a callback cannot be verified. */
  settingsThatVerifyNothing(platformUrl: string): Record<string, unknown>[]
  startPlatform(): Promise<HarnessPlatform>
  /** A tap as the platform sends it. Each call makes another request. */
  tap(tap: Tap): RawCallback
  /** The tap, spoilt in every way that must not be believed, each with a name. */
  forgeries(tap: Tap): [string, RawCallback][]
  /** The platform's check of the callback address, where it has one, and the answer it wants. */
  handshake: { request: RawCallback; answer: unknown } | null
  /** An address of each shape that a person's binding may have, and what the fake platform knows it by. */
  people: { address: unknown; platformUserId: string | null }[]
}

export interface Tap {
  button: ButtonValue
  platformUserId: string
  comment: string | null
}

export interface HarnessPlatform extends AsyncDisposable {
  url: string
  /** Makes the next calls fail as this platform fails. */
  fail(as: ChannelErrorKind): void
  /** The cards it took, new and updated ones, as a client would show them. */
  cards: ShownCard[]
  /** The text messages it took, as a client would show them: what the platform reads as markup or mention is a mark. */
  texts: { to: string; text: string; marks: string[] }[]
  directory: HarnessDirectory
}

/** An organisation of at least two people in two departments, one of whom is in both. */
export interface HarnessDirectory {
  /** The platform's ids of all. */
  people: string[]
  /** One of them, whose fields are known. */
  somebody: { platformUserId: string; name: string; mobile: string; employeeId: string }
  department: { id: string; name: string; people: string[] }
  /** Refuses from now on what needs this permission. */
  withhold(): string
}

/** A card, seen by the person who gets it. */
export interface ShownCard {
  /** As the platform counts, against its limit. */
  bytes: number
  maxBytes: number
  text: string
  /** Mentions, links and tags found in text. */
  marks: string[]
  /** Where its buttons lead. */
  links: string[]
  /** What its buttons say back. */
  buttons: unknown[]
}

/** The channel under test, made anew with its platform for each test. */
interface Subject {
  harness: ChannelHarness
  open: (settings: Record<string, unknown>) => Channel
  channel: Channel
  platform: HarnessPlatform
}

export function describeChannel(harness: ChannelHarness, open: Subject['open']): void {
  describe(`the ${harness.name} channel`, () => {
    let current: Subject | null = null
    beforeEach(async () => {
      const platform = await harness.startPlatform()
      current = { harness, open, platform, channel: open(harness.settings(platform.url)) }
    })
    afterEach(async () => {
      await current?.platform[Symbol.asyncDispose]()
    })
    const subject = (): Subject => current ?? expect.fail('only inside of a test')
    describeIdentity(subject)
    describe('sending', () => describeSending(subject))
    describe('sharing a card', () => describeSharing(subject))
    describe('receiving', () => describeReceiving(subject))
    describe('answering', () => describeAnswering(subject))
    describe('reading the directory', () => describeDirectory(subject))
    describe('looking at itself', () => describeExamining(subject))
  })
}

function describeIdentity(subject: () => Subject): void {
  it('declares who it is and what it may do', () => {
    const { channel, harness } = subject()
    expect(channel).toMatchObject({ tenantId: 'acme', name: harness.name, takesActions: true })
    expect(channel.appId).not.toBe('')
    expect(channel.limits.app).not.toEqual([])
    for (const limit of [...channel.limits.app, ...channel.limits.receiver, ...channel.limits.message]) {
      expect(limit.points).toBeGreaterThan(0)
      expect(limit.seconds).toBeGreaterThan(0)
    }
    for (const origin of [...channel.origins.frame, ...channel.origins.script]) {
      expect(origin).toMatch(/^https?:\/\/[*a-z0-9.:-]+$/)
    }
    if (channel.jsSdkUrl !== null) expect(channel.origins.script).toContain(new URL(channel.jsSdkUrl).origin)
  })

  it('looks people up, one answer for each, in order', async () => {
    const { channel, harness } = subject()
    const found = await channel.resolve(harness.people.map(({ address }) => address))
    expect(found).toEqual(harness.people.map(({ platformUserId }) => platformUserId))
  })

  it('sends a browser to the platform with our address and state', () => {
    const redirectUri = 'https://approve.example.com/console/mobile/index/'
    const url = new URL(subject().channel.authorizeUrl({ redirectUri, state: 'state-1', codeChallenge: 'challenge-1' }))
    expect([...url.searchParams.values()]).toEqual(expect.arrayContaining([redirectUri, 'state-1']))
  })
}

const outgoing = (card: CardModel): Outgoing => ({ platformUserId: 'person-1', card, idempotencyKey: 'key-1' })

/** Sends a card and looks at it as the person does. */
async function shown({ channel, platform }: Subject, card: CardModel): Promise<ShownCard> {
  await channel.send(outgoing(card))
  return platform.cards.at(-1) ?? expect.fail('the platform took no card')
}

function describeSending(subject: () => Subject): void {
  it('gives an address that survives being stored, and updates by it', async () => {
    const { channel, platform } = subject()
    const delivered = await channel.send(outgoing(cardModel()))
    expect(delivered.code).not.toBe('')
    const stored: unknown = JSON.parse(JSON.stringify(delivered.message))
    expect(stored).toEqual(delivered.message)
    await channel.update(stored, outgoing(approvedCardModel()))
    expect(platform.cards.map(({ buttons }) => buttons.length)).toEqual([2, 0])
  })

  it.each(['tap', 'confirm'] as const)('offers both decisions on a card to %s', async (decision) => {
    const card = cardModel({ decision })
    expect((await shown(subject(), card)).buttons).toEqual([card.approve, card.reject])
  })

  it.each(['review', 'none'] as const)('offers only the link on a card to %s', async (decision) => {
    const card = cardModel({ decision, risk: 'high' })
    expect(await shown(subject(), card)).toMatchObject({ buttons: [], links: [card.link] })
  })

  it.each(locales)('shows the ticket in every language (%s)', async (locale) => {
    const card = cardModel({ locale })
    const { text } = await shown(subject(), card)
    for (const part of ['1042', card.title, card.submitter, 'orders@prod', 'Alice', 'DBA']) expect(text).toContain(part)
  })

  it('keeps within the size the platform takes, and what people wrote stays text', async () => {
    const card = hugeCard('<at id=all></at>[x](https://evil.example)```\n"\\数据😀')
    const { bytes, maxBytes, marks, links } = await shown(subject(), card)
    expect(bytes).toBeLessThanOrEqual(maxBytes)
    expect({ marks, links }).toEqual({ marks: [], links: [card.link] })
  })

  it('says plain text, in which nothing is markup or a mention', async () => {
    const { channel, platform } = subject()
    const text = '同意 1042 <at user_id="all">all</at> [x](https://evil.example) **b** <b>b</b>\nline 2'
    const said = await channel.say({ platformUserId: 'person-1', text, idempotencyKey: 'key-1' })
    expect(said.code).not.toBe('')
    expect(platform.texts).toMatchObject([{ to: 'person-1', marks: [] }])
    expect(platform.texts[0]?.text.replaceAll('\u2060', '')).toBe(text)
    platform.fail('rejected')
    const again = channel.say({ platformUserId: 'person-1', text, idempotencyKey: 'key-2' })
    await expect(again).rejects.toBeInstanceOf(ChannelError)
  })

  it.each(['retry', 'rate_limited', 'auth', 'gone', 'rejected'] as const)(
    'tells a failure apart (%s)',
    async (kind) => {
      const { channel, platform } = subject()
      const { message } = await channel.send(outgoing(cardModel()))
      platform.fail(kind)
      const error: unknown = await channel.update(message, outgoing(cardModel())).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ChannelError)
      expect(error).toMatchObject({ kind, code: expect.stringMatching(/./) })
      if (kind === 'rate_limited') expect((error as ChannelError).retryAfterMs).toBeGreaterThan(0)
    },
  )
}

async function readAll({ channel }: Subject, departments: string[] | null = null) {
  const { directory } = channel
  if (directory === undefined) throw new Error(`${channel.name} has no directory`)
  const people = new Map<string, DirectoryPerson>()
  let calls = 0
  const call: DirectoryCall = (ask) => {
    calls += 1
    return ask()
  }
  let last: DirectoryPage | null = null
  for await (const page of directory.read(departments, call)) {
    expect(page.departmentsRead).toBeLessThanOrEqual(page.departmentsFound)
    for (const person of page.people) people.set(person.platformUserId, person)
    last = page
  }
  return { people, calls, last }
}

function describeDirectory(subject: () => Subject): void {
  it('meets everybody, with an account to which their address leads', async () => {
    const current = subject()
    const { people, calls, last } = await readAll(current)
    expect([...people.keys()].sort()).toEqual([...current.platform.directory.people].sort())
    expect(last).toMatchObject({ isWhole: true, departmentsRead: last?.departmentsFound })
    expect(calls).toBeGreaterThan(2)
    const { somebody } = current.platform.directory
    expect(people.get(somebody.platformUserId)).toMatchObject(somebody)
    const found = await current.channel.resolve([people.get(somebody.platformUserId)?.address])
    expect(found).toEqual([somebody.platformUserId])
  })

  it('of one department knows that it is not everybody', async () => {
    const current = subject()
    const { department } = current.platform.directory
    const { people, last } = await readAll(current, [department.id])
    expect([...people.keys()].sort()).toEqual([...department.people].sort())
    expect(last?.isWhole).toBe(false)
    const listed = await current.channel.directory?.departments(null, (ask) => ask())
    expect(listed).toContainEqual(expect.objectContaining({ id: department.id, name: department.name }))
  })

  it('names the permission that is missing', async () => {
    const current = subject()
    const permission = current.platform.directory.withhold()
    const error: unknown = await readAll(current).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(PermissionMissing)
    expect((error as PermissionMissing).permissions).toContain(permission)
    await expect(current.channel.directory?.departments(null, (ask) => ask())).rejects.toBeInstanceOf(PermissionMissing)
  })
}

/** Holds for every channel; where the platform has a message for each person there is nothing to share. */
function describeSharing(subject: () => Subject): void {
  const approver = { platformUserId: 'person-1', card: cardModel() }
  const submitter = { platformUserId: 'person-2', card: cardModel({ decision: 'none', locale: 'zh-CN' }) }

  it('makes one card for all, of one address that survives being stored', async () => {
    const { shared } = subject().channel
    if (shared === undefined) return expect(subject().channel).not.toHaveProperty('shared')
    const results = await shared.create('key-1', [approver, submitter])
    const messages = results.map((result) => (result.ok ? result.delivered.message : expect.fail('not delivered')))
    expect(messages).toHaveLength(2)
    const stored: unknown[] = JSON.parse(JSON.stringify(messages))
    const [address, ...others] = stored.map((message) => shared.addressOf(message))
    expect(address).toEqual(expect.any(String))
    expect(others).toEqual([address])
    expect(shared.addressOf(null)).toBeNull()
    expect(shared.receiversPerCall).toBeGreaterThan(1)
    return undefined
  })

  it('updates it for all, and shows it to more people', async () => {
    const { channel, platform } = subject()
    const { shared } = channel
    if (shared === undefined) return expect(channel).not.toHaveProperty('shared')
    const [first] = await shared.create('key-1', [submitter])
    const message: unknown = first?.ok === true ? first.delivered.message : expect.fail('not delivered')
    const added = await shared.add(message, [approver], [submitter])
    expect(added).toMatchObject([{ ok: true }])
    expect(platform.cards.at(-1)?.buttons).toEqual([approver.card.approve, approver.card.reject])
    const card = approvedCardModel()
    await shared.update(message, [
      { ...approver, card },
      { ...submitter, card },
    ])
    expect(platform.cards.at(-1)?.buttons).toEqual([])
    return undefined
  })

  it.each(['retry', 'rate_limited', 'auth'] as const)('tells a failure of the whole call apart (%s)', async (kind) => {
    const { channel, platform } = subject()
    const { shared } = channel
    if (shared === undefined) return expect(channel).not.toHaveProperty('shared')
    platform.fail(kind)
    return expect(shared.create('key-1', [approver, submitter])).rejects.toMatchObject({ name: 'ChannelError', kind })
  })
}

function hugeCard(text: string): CardModel {
  const approvers = Array.from({ length: 100 }, () => ({ name: text, decision: null }))
  return cardModel({
    title: text,
    submitter: text,
    description: text.repeat(200),
    fields: Array.from({ length: 50 }, () => ({ label: text, value: text.repeat(80) })),
    code: Array.from({ length: 10 }, () => ({ language: 'sql', title: text, text: text.repeat(1_200) })),
    nodes: Array.from({ length: 20 }, (_, index) => ({
      name: text,
      rule: 'all',
      status: index === 0 ? 'pending' : 'waiting',
      approvers,
    })),
  })
}

function describeReceiving(subject: () => Subject): void {
  const tap: Tap = { button: cardModel().reject, platformUserId: 'person-1', comment: '太贵了' }

  it('reads a tap: who, what, why', () => {
    const { channel, harness } = subject()
    expect(channel.receive(harness.tap(tap))).toMatchObject({ kind: 'action', ...tap })
    expect(channel.receive(harness.tap({ ...tap, comment: null }))).toMatchObject({ comment: null })
  })

  it('tells the same request from another', () => {
    const { channel, harness } = subject()
    const once = harness.tap(tap)
    expect(channel.receive(once)).toEqual(channel.receive(once))
    expect(channel.receive(once)).not.toEqual(channel.receive(harness.tap(tap)))
  })

  it('believes no forgery', () => {
    const { channel, harness } = subject()
    const forgeries = harness.forgeries(tap)
    expect(forgeries.length).toBeGreaterThan(5)
    for (const [name, callback] of forgeries) expect(() => channel.receive(callback), name).toThrow(CallbackRefused)
  })

  it('believes nothing at all when a secret is missing', () => {
    const { harness, open, platform } = subject()
    const requests = [harness.tap(tap), ...harness.forgeries(tap).map(([, callback]) => callback)]
    if (harness.handshake !== null) requests.push(harness.handshake.request)
    const refused = expect.objectContaining({ kind: 'forged', code: 'not_configured' })
    for (const settings of harness.settingsThatVerifyNothing(platform.url)) {
      const blind = open(settings)
      expect(blind.takesActions).toBe(false)
      for (const callback of requests) expect(() => blind.receive(callback)).toThrow(refused)
    }
  })

  it('answers the platform’s check of the address, where there is one', () => {
    const { channel, harness } = subject()
    const received = harness.handshake === null ? null : channel.receive(harness.handshake.request)
    expect(received).toEqual(
      harness.handshake === null ? null : { kind: 'handshake', answer: harness.handshake.answer },
    )
  })
}

const examination: Examination = { ...freshExamination, people: [{ uid: 'alice', platformUserId: 'person-1' }] }

/** Where a channel can look at itself: the doctor shows what it says, to people who may not see secrets. */
function describeExamining(subject: () => Subject): void {
  it('says in every language what it saw, each thing once, and no secret', async () => {
    const { channel, harness, platform } = subject()
    const findings = await findingsOf(channel, examination)
    const ids = findings.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const secrets = Object.entries(harness.settings(platform.url)).flatMap(([name, value]) =>
      /secret|key$|token/i.test(name) && name !== 'appKey' ? [String(value)] : [],
    )
    for (const { id, evidence, fix, link } of findings) {
      for (const locale of locales) {
        const said = `${evidence(locale)} ${fix === undefined ? '' : fixFor(fix, 'console')(locale)} ${link ?? ''}`
        expect(said.length, id).toBeGreaterThan(10)
        for (const secret of secrets) expect(said, id).not.toContain(secret)
      }
    }
  })

  it('blames nobody while the platform cannot be reached', async () => {
    const { channel, platform } = subject()
    await platform[Symbol.asyncDispose]()
    const findings = await findingsOf(channel, examination)
    expect(findings.filter(({ status }) => status !== 'unknown')).toEqual([])
  })
}

function describeAnswering(subject: () => Subject): void {
  it.each(locales)('has a sentence for every refusal in %s, and a card where there is one', (locale) => {
    const { channel } = subject()
    for (const reason of refusalReasons) {
      const outcome = { ok: false, reason, by: 'Alice', status: 'approved' } as const
      const bare = JSON.stringify(channel.answer({ locale, outcome, card: null }))
      const withCard = JSON.stringify(channel.answer({ locale, outcome, card: approvedCardModel({ locale }) }))
      expect(bare.length).toBeGreaterThan(20)
      expect(withCard.length).toBeGreaterThan(bare.length)
    }
  })

  it('says that a decision was taken, and answers everything else with JSON', () => {
    const { channel } = subject()
    const outcome = { ok: true, action: 'approve', status: 'approved' } as const
    expect(JSON.stringify(channel.answer({ locale: 'en', outcome, card: null }))).toContain('Approved')
    expect(JSON.stringify(channel.acknowledge())).toBeTypeOf('string')
  })
}
