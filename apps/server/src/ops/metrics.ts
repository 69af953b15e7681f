import type { RequestHandler } from 'express'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { quotaState } from '#server/channels/channel-state.ts'
import type { Connections } from '#server/channels/connections.ts'
import type { LiveChannels } from '#server/channels/live-channels.ts'
import type { Registrations } from '#server/channels/registrations.ts'
import type { Store } from '#server/db/stores.ts'
import type { CallMeter } from '#server/quota/call-meter.ts'

/** What a host tells about itself at `/metrics`, in Prometheus' text format. No label holds a name, number or id of a person. */
export interface Metrics {
  observeHttp: RequestHandler
  /** A callback of a platform was answered; `seconds` from its arrival. */
  observeCallback(channel: string, outcome: string, seconds: number): void
  observeDecision(action: 'approve' | 'reject', via: string): void
  /** One piece of work on a delivery; `tookMs` is null where no call was made. */
  observeDelivery(channel: string, outcome: string, tookMs: number | null): void
  /** Reads the queue's depth whenever somebody looks. */
  watchQueue(store: Store): void
  /** The same for connections to platforms. */
  watchConnections(connections: Pick<Connections, 'count'>): void
  /** The same for callback addresses that platforms are told by call. */
  watchRegistrations(channels: Pick<LiveChannels, 'all'>, registrations: Pick<Registrations, 'stateOf'>): void
  /** A month's calls of some app have reached this percentage of its quota. */
  observeQuotaWarning(channel: string, percentage: number): void
  /** How much of their calls of the month the apps have used: of each channel the app that has used most. */
  watchQuotas(channels: Pick<LiveChannels, 'all'>, meter: Pick<CallMeter, 'usage'>): void
  render(): Promise<{ contentType: string; text: string }>
}

/** Seconds. Callbacks have to be answered within 3. */
const callbackBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3]
const callBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15]

export function createMetrics(): Metrics {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const registers = [register]
  const http = new Histogram({
    name: 'countersign_http_request_duration_seconds',
    help: 'Time to answer, by area of the API.',
    labelNames: ['method', 'area', 'status'],
    buckets: callbackBuckets,
    registers,
  })
  const callbacks = new Histogram({
    name: 'countersign_callback_duration_seconds',
    help: 'Time to answer a callback, by what became of it.',
    labelNames: ['channel', 'outcome'],
    buckets: callbackBuckets,
    registers,
  })
  const decisions = new Counter({
    name: 'countersign_decisions_total',
    help: 'Decisions recorded, by where they came from.',
    labelNames: ['action', 'via'],
    registers,
  })
  const deliveries = new Counter({
    name: 'countersign_delivery_attempts_total',
    help: 'Pieces of work on deliveries, by what became of them.',
    labelNames: ['channel', 'outcome'],
    registers,
  })
  const calls = new Histogram({
    name: 'countersign_platform_call_duration_seconds',
    help: 'Time that platforms took.',
    labelNames: ['channel'],
    buckets: callBuckets,
    registers,
  })
  const quotaWarnings = new Counter({
    name: 'countersign_call_quota_warnings_total',
    help: 'Warnings that calls of the month are running out, once per app, month and percentage.',
    labelNames: ['channel', 'percentage'],
    registers,
  })
  return {
    observeHttp: (req, res, next) => {
      const end = http.startTimer({ method: req.method, area: areaOf(req.path) })
      res.once('close', () => void end({ status: String(res.statusCode) }))
      next()
    },
    observeCallback(channel, outcome, seconds) {
      callbacks.observe({ channel, outcome }, seconds)
      const [, chatbot, action] = /^(chatbot_)?(approve|reject)$/.exec(outcome) ?? []
      if (action !== undefined)
        decisions.inc({ action, via: `${chatbot === undefined ? 'card' : 'chatbot'}:${channel}` })
    },
    observeDecision: (action, via) => decisions.inc({ action, via }),
    observeDelivery(channel, outcome, tookMs) {
      deliveries.inc({ channel, outcome })
      if (tookMs !== null) calls.observe({ channel }, tookMs / 1_000)
    },
    watchQueue(store) {
      const gauge: Gauge = new Gauge({
        name: 'countersign_deliveries',
        help: 'Deliveries by state.',
        labelNames: ['state'],
        registers,
        async collect() {
          // A state that no delivery is in any more is not counted, and would keep its last figure.
          gauge.reset()
          const counts = await store.stores.notices.countByState().catch(() => null)
          // Without the database everything else is still worth reading; `/readyz` says what is wrong.
          for (const [state, count] of Object.entries(counts ?? {})) gauge.set({ state }, count)
        },
      })
    },
    watchConnections(connections) {
      const gauge: Gauge = new Gauge({
        name: 'countersign_connections',
        help: 'Connections that this instance holds to platforms, by state.',
        labelNames: ['channel', 'state'],
        registers,
        collect() {
          gauge.reset()
          for (const { channel, status, count } of connections.count()) gauge.set({ channel, state: status }, count)
        },
      })
    },
    watchRegistrations(channels, registrations) {
      const gauge: Gauge = new Gauge({
        name: 'countersign_callback_registrations',
        help: 'Apps whose platform is told our callback address, by what it has on record.',
        labelNames: ['channel', 'state'],
        registers,
        async collect() {
          gauge.reset()
          for (const channel of await channels.all().catch(() => [])) {
            if (channel.registerCallback === undefined) continue
            gauge.inc({ channel: channel.name, state: registrations.stateOf(channel).state })
          }
        },
      })
    },
    observeQuotaWarning: (channel, percentage) => quotaWarnings.inc({ channel, percentage }),
    watchQuotas: (channels, meter) => watchQuotas(registers, channels, meter),
    render: async () => ({ contentType: register.contentType, text: await register.metrics() }),
  }
}

interface QuotaRatios {
  used: number
  forecast: number
}

function watchQuotas(
  registers: Registry[],
  channels: Pick<LiveChannels, 'all'>,
  meter: Pick<CallMeter, 'usage'>,
): void {
  const watch = (figure: keyof QuotaRatios, help: string): void => {
    const gauge: Gauge = new Gauge({
      name: `countersign_call_quota_${figure}_ratio`,
      help,
      labelNames: ['channel'],
      registers,
      async collect() {
        gauge.reset()
        const highest = await highestRatios(channels, meter).catch(() => new Map<string, QuotaRatios>())
        for (const [channel, ratios] of highest) gauge.set({ channel }, ratios[figure])
      },
    })
  }
  watch('used', 'Calls of this month as a share of the quota; of several apps of a channel the highest.')
  watch('forecast', 'Calls by the end of the month, if it goes on as it began, as a share of the quota.')
}

async function highestRatios(
  channels: Pick<LiveChannels, 'all'>,
  meter: Pick<CallMeter, 'usage'>,
): Promise<Map<string, QuotaRatios>> {
  const highest = new Map<string, QuotaRatios>()
  for (const channel of await channels.all()) {
    const state = await quotaState({ callMeter: meter }, channel)
    if (state === null) continue
    const { used, forecast } = highest.get(channel.name) ?? { used: 0, forecast: 0 }
    highest.set(channel.name, {
      used: Math.max(used, state.calls / state.quota),
      forecast: Math.max(forecast, state.forecast / state.quota),
    })
  }
  return highest
}

/** The first two parts of a path: few enough to be a label, whatever callers ask for. */
function areaOf(path: string): string {
  const [first = '', second = ''] = path.split('/').slice(1)
  const known: Record<string, readonly string[]> = { api: ['v1', 'app', 'docs'], callbacks: [], console: ['mobile'] }
  const seconds = known[first]
  if (seconds === undefined)
    return ['healthz', 'readyz', 'metrics', 'decision-links', 'mail-notices', ''].includes(first)
      ? `/${first}`
      : 'other'
  return seconds.includes(second) ? `/${first}/${second}` : `/${first}`
}
