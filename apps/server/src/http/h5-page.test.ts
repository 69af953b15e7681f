import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import express from 'express'
import { expect, it, onTestFinished } from 'vitest'
import { h5Path } from '#server/cards/ticket-link.ts'
import type { LiveChannels } from '#server/channels/live-channels.ts'
import { createLog } from '#server/log.ts'
import { h5Router } from './h5-page.ts'
import { problemHandler } from './problem.ts'

it('the page says so when the database is away, and the process goes on', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, 'index.html'), '<!doctype html><html></html>')
  const channels = { all: () => Promise.reject(new Error('connection terminated')) } as unknown as LiveChannels
  const app = express()
  app.use(h5Router({ directory, channels }))
  app.use(problemHandler(createLog({ level: 'silent' })))
  const server = createServer(app).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((listening) => server.once('listening', listening))
  const { port } = server.address() as AddressInfo
  const answer = await fetch(`http://127.0.0.1:${port}${h5Path}`, { signal: AbortSignal.timeout(2_000) })
  expect(answer.status).toBe(500)
})
