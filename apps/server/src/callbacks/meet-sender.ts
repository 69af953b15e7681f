import { setTimeout as sleep } from 'node:timers/promises'
import { LRUCache } from 'lru-cache'
import type { Channel, Inbound } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { Store } from '#server/db/stores.ts'
import { findPerson } from '#server/directory/find-person.ts'
import { AppError } from '#server/errors.ts'

/** A platform gives up after three seconds. */
const answerWithinMs = 2_000
const addressWithinMs = 500
/** A stranger who goes on writing is looked up again after this time. */
const strangerForMs = 60_000

type Message = Extract<Inbound, { kind: 'message' }>

/** Learns who is behind an account that writes to the bot before it ever got a card or logged in. */
export interface Senders {
  /** Finds out whether a message in a group was said to the bot; left open where the platform does not say in time. */
  address(channel: Channel, message: Message): Promise<Message>
  /** False when the platform does not say in time: it is to deliver the message again. Outside any transaction. */
  meet(channel: Channel, platformUserId: string): Promise<boolean>
}

export function createSenders({ store, now }: { store: Store; now: () => number }): Senders {
  const strangers = new LRUCache<string, true>({ max: 10_000, ttl: strangerForMs })
  const lookUps = new Map<string, Promise<boolean>>()

  const lookUp = async (channel: Channel, platformUserId: string, key: string): Promise<boolean> => {
    try {
      if ((await findPerson(store, channel, platformUserId, now())) === null) strangers.set(key, true)
      return true
    } catch (error) {
      if (error instanceof AppError && error.code === 'platform_unavailable') return false
      throw error
    } finally {
      lookUps.delete(key)
    }
  }

  return {
    async address(channel, message) {
      const { isForBot, mentioned } = message
      if (isForBot !== null || mentioned === null || channel.isBot === undefined) return message
      const asked = channel.isBot(mentioned).catch((error: unknown) => {
        // Then a decision is confirmed in private.
        if (error instanceof ChannelError) return null
        throw error
      })
      return { ...message, isForBot: await within(addressWithinMs, asked, null) }
    },
    async meet(channel, platformUserId) {
      const { tenantId, name } = channel
      if ((await store.stores.directory.findByPlatformId(tenantId, name, platformUserId)) !== null) return true
      const key = JSON.stringify([tenantId, name, platformUserId])
      if (strangers.has(key)) return true
      // It goes on when we no longer wait: the next delivery of the message finds the person known.
      let running = lookUps.get(key)
      if (running === undefined) {
        running = lookUp(channel, platformUserId, key)
        lookUps.set(key, running)
        running.catch(() => undefined)
      }
      return within(answerWithinMs, running, false)
    },
  }
}

/** The result, or what stands for it where it does not come in time. */
async function within<Result>(ms: number, work: Promise<Result>, otherwise: Result): Promise<Result> {
  const inTime = new AbortController()
  const late = sleep(ms, otherwise, { signal: inTime.signal, ref: false }).catch(() => otherwise)
  try {
    return await Promise.race([work, late])
  } finally {
    inTime.abort()
  }
}
