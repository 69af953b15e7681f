import type { TimedDecision } from '#server/db/overview-store.ts'

/*
 * Who approves without reading. What can be known here is time alone: an approval a few seconds after the step began, or
 * after the same person's decision before, leaves none to read in. It is a hint for a talk, never a proof.
 */

/** Nobody reads a ticket in less. */
export const hastyMs = 5_000
/** As many hasty approvals one after the other are a habit. */
export const habitRun = 5
/** So are half of this many approvals. */
const habitApprovals = 10

export interface Haste {
  hasty: number
  longestRun: number
  isRubberStamp: boolean
}

/** `decisions` of one person, in any order. */
export function hasteOf(decisions: readonly TimedDecision[]): Haste {
  const inOrder = decisions.toSorted((a, b) => a.at - b.at)
  let [hasty, run, longestRun, approvals] = [0, 0, 0, 0]
  for (const [index, { action, at, beganAt }] of inOrder.entries()) {
    const before = inOrder[index - 1]
    const readingMs = Math.min(at - beganAt, before === undefined ? Number.POSITIVE_INFINITY : at - before.at)
    const isHasty = action === 'approve' && readingMs < hastyMs
    if (action === 'approve') approvals += 1
    if (isHasty) hasty += 1
    run = isHasty ? run + 1 : 0
    longestRun = Math.max(longestRun, run)
  }
  const isRubberStamp = longestRun >= habitRun || (approvals >= habitApprovals && hasty * 2 >= approvals)
  return { hasty, longestRun, isRubberStamp }
}
