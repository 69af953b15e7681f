import { type ApiError, asApiError } from '@countersign/api-client'
import { mostDeliveriesAtOnce } from '@countersign/contracts/vocabulary'
import { reactive } from 'vue'

export interface Outcome {
  id: string
  refusal: string | null
}

export interface Bulk {
  isRunning: boolean
  isStopped: boolean
  total: number
  done: number
  succeeded: number
  /** How many were left as they are, by reason. */
  refused: Record<string, number>
  error: ApiError | undefined
}

interface Page {
  items: readonly { id: string }[]
  nextCursor: string | null
}

/**
 * Does something about many deliveries, a few at a time, so that it can be watched and stopped. What has been done stays
 * done; what was done already is refused by the server, not done twice.
 */
export function useBulk() {
  const bulk = reactive<Bulk>({
    ...{ isRunning: false, isStopped: false, total: 0, done: 0, succeeded: 0, refused: {}, error: undefined },
  })

  type Work = (ids: string[]) => Promise<{ items: readonly Outcome[] }>

  async function run(total: number, work: Work, batches: AsyncIterable<string[]>): Promise<void> {
    Object.assign(bulk, {
      isRunning: true,
      isStopped: false,
      total,
      done: 0,
      succeeded: 0,
      refused: {},
      error: undefined,
    })
    try {
      for await (const ids of batches) {
        if (bulk.isStopped) break
        const { items } = await work(ids)
        for (const { refusal } of items) {
          if (refusal === null) bulk.succeeded += 1
          else bulk.refused[refusal] = (bulk.refused[refusal] ?? 0) + 1
        }
        bulk.done += ids.length
        bulk.total = Math.max(bulk.total, bulk.done)
      }
    } catch (thrown) {
      bulk.error = asApiError(thrown)
    } finally {
      bulk.isRunning = false
    }
  }

  return {
    bulk,
    /** These, and no others. */
    runChosen: (ids: readonly string[], work: Work) => run(ids.length, work, inBatches(ids)),
    /** All that a list holds, as it is read page by page. */
    runAll: (total: number, work: Work, page: (cursor: string | undefined) => Promise<Page>) =>
      run(total, work, allPages(page)),
    stop: () => {
      bulk.isStopped = true
    },
    dismiss: () => {
      bulk.total = 0
    },
  }
}

async function* inBatches(ids: readonly string[]): AsyncGenerator<string[]> {
  for (let start = 0; start < ids.length; start += mostDeliveriesAtOnce) {
    yield ids.slice(start, start + mostDeliveriesAtOnce)
  }
}

async function* allPages(page: (cursor: string | undefined) => Promise<Page>): AsyncGenerator<string[]> {
  let cursor: string | undefined
  do {
    const { items, nextCursor } = await page(cursor)
    if (items.length > 0) yield items.map(({ id }) => id)
    cursor = nextCursor ?? undefined
  } while (cursor !== undefined)
}
