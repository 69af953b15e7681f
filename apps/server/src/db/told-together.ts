import type { PlannedDelivery } from './notice-fan-out.ts'

/** A planned delivery, and by which of the others (its index) it is told too. */
export type Together = PlannedDelivery & { carriedBy?: number }

/**
 * People in one group are told of a notice by one message there: the first of them stands for the others. `groups` by
 * `uid/channel`.
 */
export function toldTogether(planned: readonly PlannedDelivery[], groups: ReadonlyMap<string, string>): Together[] {
  const speakers = new Map<string, number>()
  return planned.map((delivery, index) => {
    const group = groups.get(`${delivery.recipient}/${delivery.channel}`)
    if (delivery.state !== 'queued' || group === undefined) return delivery
    const key = `${delivery.channel}/${group}`
    const speaker = speakers.get(key)
    if (speaker !== undefined) return { ...delivery, carriedBy: speaker }
    speakers.set(key, index)
    return delivery
  })
}
