import type { Store } from '#server/db/stores.ts'
import type { Log } from '#server/log.ts'
import type { NoteCall } from './noted-call.ts'

const dayMs = 24 * 60 * 60 * 1_000
/** Long enough to look into what a receiver says it never got; bodies may be sensitive. */
export const webhookCallsKeptDays = 30
export const webhookCallsKeptMs = webhookCallsKeptDays * dayMs

/** Keeps what is POSTed to addresses outside, for the console. */
export function createCallNotes({ store, log }: { store: Pick<Store, 'run'>; log: Pick<Log, 'warn'> }): NoteCall {
  return async (call) => {
    try {
      await store.run((tx) => tx.webhookCalls.note(call))
    } catch (error) {
      const { tenantId, webhookId, code } = call
      log.warn({ err: error, tenantId, webhookId, code }, 'a call to an address outside could not be kept')
    }
  }
}
