import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { describe, expect, it } from 'vitest'

import { onSqlite } from '#server/db/_engines.ts'
import { FakeChannel } from '#server/delivery/_fake-channel.ts'
import { createLog } from '#server/log.ts'
import type { MeteredChannel } from '#server/quota/call-meter.ts'
import { type HealthDeps, healthRouter } from './health.ts'
import { createMetrics } from './metrics.ts'

const log = createLog({ level: 'silent' })

/** Serves the router and answers what it says at a path. */
async function ask(deps: HealthDeps, path: string): Promise<{ status: number; body: string }> {
  const server = express().use(deps.metrics.observeHttp, healthRouter(deps)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    const response = await fetch(`http://127.0.0.1:${port}${path}`)
    return { status: response.status, body: await response.text() }
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

onSqlite((engine) => {
  const open = async () => {
    const database = await engine.open()
    const deps: HealthDeps = {
      store: database.store,
      channels: {
        all: async () => [],
        connecting: async () => [],
        get: async () => null,
        forget: () => undefined,
        byApp: async () => null,
        of: () => null,
        list: async () => [],
      },
      worker: { isRunning: true },
      connections: { stateOf: () => null },
      registrations: { stateOf: () => ({ state: 'unknown', url: null, code: null, at: null }) },
      callMeter: { usage: async () => null },
      metrics: createMetrics(),
      log,
      isDraining: false,
    }
    return { database, deps }
  }

  describe('readiness', () => {
    it('is green while the database takes writes and the worker runs', async () => {
      const { database, deps } = await open()
      await using _database = database
      expect(await ask(deps, '/readyz')).toMatchObject({ status: 200, body: expect.stringContaining('"ready"') })
    })

    it('is red when the database takes no writes, and says so', async () => {
      const { database, deps } = await open()
      await using _database = database
      await database.store[Symbol.asyncDispose]()
      const { status, body } = await ask(deps, '/readyz')
      expect(status).toBe(503)
      expect(body).toContain('cannot be written to')
      expect((await ask(deps, '/healthz')).status).toBe(200)
    })

    it('is red when the worker has stopped, and while the host is stopping', async () => {
      const { database, deps } = await open()
      await using _database = database
      expect((await ask({ ...deps, worker: { isRunning: false } }, '/readyz')).status).toBe(503)
      expect(await ask({ ...deps, isDraining: true }, '/readyz')).toMatchObject({
        status: 503,
        body: expect.stringContaining('stopping'),
      })
    })
  })

  describe('the metrics', () => {
    it('count callbacks, decisions and deliveries, and how deep the queue is', async () => {
      const { database, deps } = await open()
      await using _database = database
      const { metrics } = deps
      metrics.watchQueue(database.store)
      metrics.observeCallback('lark', 'approve', 0.004)
      metrics.observeCallback('lark', 'bad_signature', 0.001)
      metrics.observeDecision('reject', 'h5')
      metrics.observeDelivery('feishu', 'delivered', 120)
      const { body } = await ask(deps, '/metrics')
      expect(body).toContain('countersign_callback_duration_seconds_count{channel="lark",outcome="bad_signature"} 1')
      expect(body).toContain('countersign_decisions_total{action="approve",via="card:lark"} 1')
      expect(body).toContain('countersign_decisions_total{action="reject",via="h5"} 1')
      expect(body).toContain('countersign_delivery_attempts_total{channel="feishu",outcome="delivered"} 1')
      expect(body).toContain('nodejs_eventloop_lag_seconds')
      expect(body).toContain('process_resident_memory_bytes')
      expect(body).toMatch(/# TYPE countersign_deliveries gauge/)
    })

    it('tell how much of the month’s calls is used, of each channel for the app that has used most', async () => {
      const { database, deps } = await open()
      await using _database = database
      const apps = [250, 4_500, null].map((calls) => ({ calls, channel: new FakeChannel('acme', 'dingtalk') }))
      const channels = { ...deps.channels, all: async () => apps.map(({ channel }) => channel) }
      const callMeter = {
        usage: async (channel: MeteredChannel) => {
          const calls = apps.find((app) => app.channel === channel)?.calls ?? null
          const savings = new Set(['mergeUpdates'] as const)
          return calls === null ? null : { month: '2026-11', calls, quota: 5_000, forecast: 2 * calls, savings }
        },
      }
      deps.metrics.watchQuotas(channels, callMeter)
      deps.metrics.observeQuotaWarning('dingtalk', 90)
      const { body } = await ask({ ...deps, channels, callMeter }, '/metrics')
      expect(body).toContain('countersign_call_quota_used_ratio{channel="dingtalk"} 0.9')
      expect(body).toContain('countersign_call_quota_forecast_ratio{channel="dingtalk"} 1.8')
      expect(body).toContain('countersign_call_quota_warnings_total{channel="dingtalk",percentage="90"} 1')
      const ready = JSON.parse((await ask({ ...deps, channels, callMeter }, '/readyz')).body)
      expect(ready.channels).toEqual([
        expect.objectContaining({ quota: expect.objectContaining({ calls: 250, of: 5_000, warning: null }) }),
        expect.objectContaining({
          quota: { calls: 4_500, of: 5_000, forecast: 9_000, warning: 90, saving: ['mergeUpdates'] },
        }),
        { channel: 'dingtalk', takesActions: true },
      ])
    })

    it('are there without the database too', async () => {
      const { database, deps } = await open()
      await using _database = database
      deps.metrics.watchQueue(database.store)
      await database.store[Symbol.asyncDispose]()
      expect(await ask(deps, '/metrics')).toMatchObject({ status: 200, body: expect.stringContaining('process_cpu') })
    })

    it('have a bounded number of labels, whatever paths are asked for', async () => {
      const { database, deps } = await open()
      await using _database = database
      for (const path of ['/api/v1/tickets/secret-id', '/callbacks/lark/cli_1', '/a/b/c', '/healthz'])
        await ask(deps, path)
      const { body } = await ask(deps, '/metrics')
      expect(body).toContain('area="/api/v1"')
      expect(body).not.toMatch(/secret-id|cli_1|\/a\/b/)
    })
  })
})
