import { setImmediate as nextTurn } from 'node:timers/promises'

/*
 * Looking for rows that no index leads to. SQLite reads in the event loop's own thread, so a list is searched window by
 * window, and callbacks are answered in between.
 */

/** After this a search ends with what it has, and a cursor to go on from. */
const budgetMs = 1_000

/** What one window held. `next` is where the following one begins, null when nothing is left. */
export interface Window<Row, Position> {
  rows: Row[]
  next: Position | null
}

/** Reads windows from `from` on until more than `limit` rows are found, nothing is left, or the time is up. */
export async function scan<Row, Position>(
  from: Position,
  limit: number,
  read: (from: Position, wanted: number) => Promise<Window<Row, Position>>,
): Promise<Window<Row, Position>> {
  const deadline = performance.now() + budgetMs
  const rows: Row[] = []
  let next: Position | null = from
  while (next !== null && rows.length <= limit) {
    if (next !== from) await nextTurn()
    const window: Window<Row, Position> = await read(next, limit + 1 - rows.length)
    rows.push(...window.rows)
    next = window.next
    if (performance.now() > deadline) break
  }
  return { rows, next }
}
