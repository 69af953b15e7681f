import type { Overview } from '@countersign/contracts'
import { formatChannel, formatDay } from '../i18n/format.ts'
import { t } from '../i18n/i18n.ts'
import type { Plot } from './plot.ts'

/** What came in and what became of it, day by day. */
export function flowPlot({ days }: Overview): Plot {
  return {
    ...byDay(days),
    kind: 'bars',
    unit: 'count',
    series: [
      { name: t('overview.submitted'), colour: 'primary', pile: 'in', values: days.map((day) => day.submitted) },
      { name: t('status.approved'), colour: 'success', pile: 'out', values: days.map((day) => day.approved) },
      { name: t('status.rejected'), colour: 'danger', pile: 'out', values: days.map((day) => day.rejected) },
      { name: t('overview.ended'), colour: 'info', pile: 'out', values: days.map((day) => day.ended) },
    ],
  }
}

/** How long the tickets settled on each day took. */
export function pacePlot({ days }: Overview): Plot {
  return {
    ...byDay(days),
    kind: 'lines',
    unit: 'duration',
    series: [
      { name: t('overview.median'), colour: 'primary', values: days.map((day) => day.medianMs) },
      { name: t('overview.p90'), colour: 'warning', values: days.map((day) => day.p90Ms) },
    ],
  }
}

export function agePlot({ waiting }: Overview): Plot {
  return {
    kind: 'bars',
    unit: 'count',
    labelled: t('overview.age'),
    labels: waiting.ages.map(({ age }) => t(`waitingAge.${age}`)),
    series: [{ name: t('status.pending'), colour: 'primary', values: waiting.ages.map(({ count }) => count) }],
  }
}

/** How deliveries fared, channel by channel. */
export function deliveryPlot({ channels }: Overview): Plot {
  return {
    kind: 'bars',
    unit: 'count',
    isHorizontal: true,
    labelled: t('deliveries.channel'),
    labels: channels.map(({ channel }) => channelWords(channel)),
    series: [
      { name: t('delivery.sent'), colour: 'success', pile: 'all', values: channels.map(({ sent }) => sent) },
      { name: t('delivery.queued'), colour: 'primary', pile: 'all', values: channels.map(({ waiting }) => waiting) },
      {
        name: t('delivery.suppressed'),
        colour: 'info',
        pile: 'all',
        values: channels.map(({ suppressed }) => suppressed),
      },
      { name: t('delivery.failed'), colour: 'danger', pile: 'all', values: channels.map(({ failed }) => failed) },
    ],
  }
}

/** A channel, or what stands in its place in the list of deliveries. */
export function channelWords(channel: string): string {
  if (channel === 'none') return t('deliveries.none')
  return channel === 'callback' ? t('deliveries.callback') : formatChannel(channel)
}

const byDay = (days: Overview['days']): Pick<Plot, 'labelled' | 'labels'> => ({
  labelled: t('overview.day'),
  labels: days.map(({ day }) => formatDay(day)),
})
