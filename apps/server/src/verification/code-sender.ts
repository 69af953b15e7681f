import { setTimeout as sleep } from 'node:timers/promises'
import type { ChannelName, Locale, Verification } from '@countersign/contracts'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { LiveChannels } from '#server/channels/live-channels.ts'
import type { Messenger } from '#server/channels/messenger.ts'
import type { Store } from '#server/db/stores.ts'
import type { CodeKey } from '#server/db/verification-store.ts'
import { type Carried, withinTime } from '#server/delivery/courier.ts'
import { asked, type PlatformCallDeps, waitForPlace } from '#server/delivery/platform-call.ts'
import { createTranslator } from '#server/i18n/translator.ts'
import type { Log } from '#server/log.ts'
import type { TextRenderer } from '#server/texts/text-renderer.ts'
import { type AddressParts, codeValidMs } from './codes.ts'

/** A code on its way to an address. It is never stored in clear, nor logged. */
export interface OutgoingCode {
  key: CodeKey
  code: string
  /** As `Codes.issue` gave it. */
  hash: string
  via: Exclude<Verification, 'none'>
  address: AddressParts
  name: string
  locale: Locale
  timeZone: string
}

/** Sends codes after the request for them was answered: neither the answer nor its time tells whether an address exists. */
export interface CodeSender extends AsyncDisposable {
  sendAfter(answered: Promise<unknown>, code: OutgoingCode): void
  /** Resolves when every code asked for so far has been sent, or given up. */
  drain(): Promise<void>
}

export interface CodeSenderDeps extends PlatformCallDeps {
  store: Store
  channels: Pick<LiveChannels, 'get'>
  messengers: { get(tenantId: string, name: ChannelName): Promise<Messenger | null> }
  texts: TextRenderer
  log: Pick<Log, 'info' | 'warn'>
}

const callLimitMs = 15_000
/** A code that comes later than this is of little use: a new one can be asked for by then. */
const giveUpAfterMs = 45_000
const pausesMs = [1_000, 4_000, 10_000]

export function createCodeSender(deps: CodeSenderDeps): CodeSender {
  const underway = new Set<Promise<void>>()
  const stopping = new AbortController()
  const drain = async (): Promise<void> => {
    while (underway.size > 0) await Promise.all(underway)
  }
  return {
    sendAfter(answered, code) {
      const sent = answered.catch(() => undefined).then(() => sendOrLog(deps, code, stopping.signal))
      underway.add(sent)
      void sent.finally(() => underway.delete(sent))
    },
    drain,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await drain()
    },
  }
}

async function sendOrLog(deps: CodeSenderDeps, code: OutgoingCode, signal: AbortSignal): Promise<void> {
  const { tenantId, uid, channel } = code.key
  const whose = { tenantId, uid, channel, via: code.via }
  try {
    deps.log.info({ ...whose, outcome: await persist(deps, code, signal) }, 'a code was asked for')
  } catch (error) {
    deps.log.warn({ ...whose, err: error }, 'a code could not be sent')
  }
}

/** Tries again what has surely not arrived, for a short while. Returns the platform's own code, or why nothing was sent. */
async function persist(deps: CodeSenderDeps, code: OutgoingCode, signal: AbortSignal): Promise<string> {
  const giveUpAt = performance.now() + giveUpAfterMs
  for (let tries = 0; ; tries += 1) {
    const pauseMs = pausesMs[tries]
    let waitMs: number
    try {
      const outcome = await (code.via === 'bot' ? sayIt(deps, code, signal) : writeIt(deps, code, code.via, signal))
      if (typeof outcome === 'string') return outcome
      if (outcome.kind !== 'released') return outcome.code
      waitMs = outcome.dueAt - deps.now()
    } catch (error) {
      if (!(error instanceof ChannelError) || !isWorthAnotherTry(error)) throw error
      if (pauseMs === undefined) throw error
      waitMs = error.retryAfterMs ?? pauseMs
    }
    if (signal.aborted) return 'stopping'
    if (pauseMs === undefined || performance.now() + waitMs > giveUpAt) return 'too_busy'
    await sleep(Math.max(waitMs, 1), undefined, { signal }).catch(() => undefined)
  }
}

function isWorthAnotherTry({ kind, outcomeUnknown }: ChannelError): boolean {
  return !outcomeUnknown && (kind === 'retry' || kind === 'rate_limited')
}

/** The bot says it to the account that the address leads to, which is noted: whoever knows the code has that account. */
async function sayIt(deps: CodeSenderDeps, code: OutgoingCode, signal: AbortSignal): Promise<string | Carried> {
  const { key, hash, address } = code
  const channel = await deps.channels.get(key.tenantId, key.channel)
  if (channel === null) return 'channel_not_enabled'
  if ((await deps.savings(channel)).has('everything')) return 'quota_saved'
  const beforeLookUp = await waitForPlace(deps, channel, {}, signal)
  if (beforeLookUp !== null) return beforeLookUp
  const lookUp = () => withinTime(callLimitMs, () => channel.resolve([address]))
  const [platformUserId] = await asked(deps, channel, lookUp, { isHarmless: true })
  if (platformUserId === null || platformUserId === undefined) return 'unknown_address'
  await deps.store.stores.verification.noteAccount(key, hash, platformUserId)
  const beforeSaying = await waitForPlace(deps, channel, { receiver: platformUserId }, signal)
  if (beforeSaying !== null) return beforeSaying
  const text = createTranslator(code.locale).text('address.code', {
    code: code.code,
    name: code.name,
    minutes: codeValidMs / 60_000,
  })
  const saying = { platformUserId, text, idempotencyKey: idempotencyKey(hash) }
  const said = () => withinTime(callLimitMs, () => channel.say(saying))
  return (await asked(deps, channel, said, { receiver: platformUserId })).code
}

async function writeIt(
  deps: CodeSenderDeps,
  code: OutgoingCode,
  via: 'sms' | 'email',
  signal: AbortSignal,
): Promise<string | Carried> {
  const { key, address, locale, timeZone } = code
  const messenger = await deps.messengers.get(key.tenantId, via)
  if (messenger === null) return 'channel_not_enabled'
  const receiver = messenger.receiverOf(address)
  const heldBack = await waitForPlace(deps, messenger, { receiver }, signal)
  if (heldBack !== null) return heldBack
  const to = { uid: key.uid, name: code.name }
  const content = { kind: 'code' as const, code: code.code, validMinutes: codeValidMs / 60_000 }
  const { format } = messenger
  const words = await deps.texts.render(key.tenantId, {
    channel: via,
    recipient: to,
    locale,
    timeZone,
    format,
    content,
  })
  const letter = {
    to,
    address,
    isOperators: false,
    locale,
    timeZone,
    words,
    content,
    idempotencyKey: idempotencyKey(code.hash),
    at: deps.now(),
    firstTriedAt: null,
  }
  const sent = () => withinTime(callLimitMs, () => messenger.send(letter))
  return (await asked(deps, messenger, sent, { receiver })).code
}

/** Stable over the tries of one code; a new code is a new message. */
function idempotencyKey(hash: string): string {
  return `code-${hash.slice(-40)}`
}
