import { nodeStatus, type ReminderStep, type Ticket } from './ticket.ts'

/*
 * Reminders that come by themselves: planned when a node is announced, and dropped when their time comes and nobody is to
 * be asked there any more. Each is one notice, whose key says which step of which node it is.
 */

/** With it the key of every such notice begins. */
export const ladderPrefix = 'ladder:'

/** A step that is to come for those who are asked now. */
export interface PlannedStep {
  key: string
  /** Counted from when each person is asked. */
  afterMs: number
}

/** What follows the announcement of the current node. */
export function ladderOf(ticket: Ticket): PlannedStep[] {
  return ticket.reminders.map(({ afterMs }, index) => ({ key: keyOf(ticket, index), afterMs }))
}

/** The step that a notice stands for; null when it is none of the ladder, or of a node or content that is over. */
export function ladderStep(ticket: Ticket, noticeKey: string): ReminderStep | null {
  if (nodeStatus(ticket, ticket.currentNode) !== 'pending') return null
  return ticket.reminders.find((_, index) => keyOf(ticket, index) === noticeKey) ?? null
}

export function isLadder(noticeKey: string): boolean {
  return noticeKey.startsWith(ladderPrefix)
}

function keyOf({ contentVersion, currentNode }: Ticket, index: number): string {
  return `${ladderPrefix}${contentVersion}:${currentNode}:${index}`
}
