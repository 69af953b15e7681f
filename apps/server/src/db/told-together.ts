import type { PlannedDelivery } from './notice-fan-out.ts'

/** A planned delivery, and by which of the others (its index) it is told too. */
export type Together = PlannedDelivery & { carriedBy?: number }

/**
 * People in one group are told of a notice by one message there: the first who can be told stands for the others, since
 * all of them hear it then. `groups` by `uid/channel`.
 */
export function toldTogether(planned: readonly PlannedDelivery[], groups: ReadonlyMap<string, string>): Together[] {
  const keyOf = ({ recipient, channel, state }: PlannedDelivery): string | null => {
    const group = groups.get(`${recipient}/${channel}`)
    return state !== 'queued' || group === undefined ? null : `${channel}/${group}`
  }
  const dueAt = (index: number): number => planned[index]?.held?.dueAt ?? 0
  const speakers = new Map<string, number>()
  for (const [index, delivery] of planned.entries()) {
    const key = keyOf(delivery)
    const before = key === null ? undefined : speakers.get(key)
    if (key !== null && (before === undefined || dueAt(index) < dueAt(before))) speakers.set(key, index)
  }
  return planned.map((delivery, index) => {
    const key = keyOf(delivery)
    const speaker = key === null ? undefined : speakers.get(key)
    if (speaker === undefined || speaker === index) return delivery
    return { ...delivery, held: null, carriedBy: speaker }
  })
}
