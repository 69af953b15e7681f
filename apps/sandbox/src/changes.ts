/** What has just changed, for the phones' live view and for whoever waits. */
export type Change =
  | { kind: 'message'; personId: string; messageId: string }
  | { kind: 'group'; groupId: string; messageId: string }
  | { kind: 'sms'; number: string }
  | { kind: 'mail'; address: string }
  | { kind: 'webhook'; receiverId: string }
  | { kind: 'toast'; personId: string; messageId: string; toast: { type: string; text: string } }
  | { kind: 'wire'; entryId: number }
  | { kind: 'faults' }
  | { kind: 'clock' }
  | { kind: 'connections' }
  | { kind: 'reset' }

/** One announcement board for the whole sandbox; listeners must not throw. */
export interface Changes {
  announce(change: Change): void
  subscribe(listener: (change: Change) => void): () => void
}

export function createChanges(): Changes {
  const listeners = new Set<(change: Change) => void>()
  return {
    announce: (change) => {
      for (const listener of listeners) listener(change)
    },
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/**
 * Resolves with the first truthy answer of `predicate`, asked now and after every change; there is no polling.
 * Rejects after `timeoutMs` of real time, or when the predicate throws.
 */
export function waitForChange<T>(changes: Changes, predicate: () => T, timeoutMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const check = () => {
      try {
        const answer = predicate()
        if (answer) finish(() => resolve(answer))
      } catch (error) {
        finish(() => reject(error))
      }
    }
    const finish = (settle: () => void) => {
      unsubscribe()
      clearTimeout(timer)
      settle()
    }
    const timer = setTimeout(
      () => finish(() => reject(new Error(`Nothing satisfied the predicate within ${timeoutMs} ms: ${predicate}`))),
      timeoutMs,
    )
    const unsubscribe = changes.subscribe(check)
    check()
  })
}
