import type { OverviewChannel } from '@countersign/contracts'

const kindOf: Record<string, keyof Omit<OverviewChannel, 'channel'>> = {
  queued: 'waiting',
  sending: 'waiting',
  sent: 'sent',
  updated: 'sent',
  failed: 'failed',
  suppressed: 'suppressed',
}

/** How deliveries fare on each channel, the busiest first. */
export function deliveriesByChannel(deliveries: readonly { channel: string; state: string }[]): OverviewChannel[] {
  const channels = new Map<string, OverviewChannel>()
  for (const { channel, state } of deliveries) {
    const counts = channels.get(channel) ?? { channel, waiting: 0, sent: 0, failed: 0, suppressed: 0 }
    channels.set(channel, counts)
    const kind = kindOf[state]
    if (kind !== undefined) counts[kind] += 1
  }
  const total = ({ waiting, sent, failed, suppressed }: OverviewChannel): number => waiting + sent + failed + suppressed
  return [...channels.values()].sort((a, b) => total(b) - total(a) || a.channel.localeCompare(b.channel))
}
