import { createServer } from 'node:http'
import express from 'express'
import { createLark } from '../../apps/server/src/channels/lark/index.ts'
import { createLog } from '../../apps/server/src/log.ts'
import { callbackPath, app as larkApp, tenantId } from '../world/tenant.ts'
import { answerParent } from './answering.ts'
import { listenAnywhere } from './listening.ts'

/* The least that an honest answer takes: our own verification, decryption and reading of the callback, and nothing after. */

const channel = createLark(
  { tenantId, name: 'lark', settings: { ...larkApp, connection: 'http' } },
  { log: createLog({ level: 'error' }), now: Date.now },
)
const app = express()
app.post(callbackPath, express.raw({ type: () => true }), (req, res) => {
  const inbound = channel.receive({ headers: req.headers, body: req.body as Buffer, receivedAt: Date.now() })
  res.json({ toast: { type: inbound.kind === 'action' ? 'success' : 'error', content: 'Approved' } })
})
const port = await listenAnywhere(createServer(app))
answerParent({ port: () => port })
