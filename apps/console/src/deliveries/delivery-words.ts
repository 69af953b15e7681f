import type { DeliveryEvent } from '@countersign/contracts'
import { formatChannel } from '../i18n/format.ts'
import { t } from '../i18n/i18n.ts'

/** Channels that are no way to a person have names, too: the source's own address, and none at all. */
export function formatDeliveryChannel(channel: string): string {
  if (channel === 'none') return t('deliveries.none')
  return channel === 'callback' ? t('deliveries.callback') : formatChannel(channel)
}

export function formatDeliveryEvent(event: DeliveryEvent): string {
  return event === 'report' ? t('deliveries.report') : t(`event.${event}`)
}
