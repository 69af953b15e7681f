import type { Session } from '@countersign/contracts'

const key = 'countersign.last-seen'
/** Raised whenever the shape of a session changes, so that an older app's copy is not taken for one. */
const shape = 1
/** Older than a working day it is more likely to mislead than to help. */
const livesMs = 12 * 60 * 60_000

type Store = () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/**
 * The list that this person saw last, kept on the phone: a returning visitor reads it while the server is still being
 * asked, and also without a connection. Only the rows of the first page; no ticket's content. It goes with the log-out
 * and as soon as the server no longer knows the session.
 */
export interface LastSeen {
  read: () => Session | undefined
  keep: (session: Session) => void
  forget: () => void
}

export function createLastSeen(store: Store, now: () => number): LastSeen {
  // Storage may be switched off or full: then there is nothing to show early, and nothing else is lost.
  const attempt = <Result>(work: () => Result): Result | undefined => {
    try {
      return work()
    } catch {
      return undefined
    }
  }
  return {
    read: () =>
      attempt(() => {
        const kept: unknown = JSON.parse(store().getItem(key) ?? 'null')
        return isKept(kept) && kept.shape === shape && now() - kept.at < livesMs ? kept.session : undefined
      }),
    keep: (session) => {
      attempt(() => store().setItem(key, JSON.stringify({ shape, at: now(), session })))
    },
    forget: () => {
      attempt(() => store().removeItem(key))
    },
  }
}

/** Written by this file alone, on our own origin; the shape's number stands for the rest. */
const isKept = (value: unknown): value is { shape: number; at: number; session: Session } =>
  typeof value === 'object' && value !== null && 'shape' in value && 'at' in value && 'session' in value
