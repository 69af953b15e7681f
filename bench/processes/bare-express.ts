import { createServer } from 'node:http'
import express from 'express'
import { callbackPath } from '../world/tenant.ts'
import { answerParent } from './answering.ts'
import { listenAnywhere } from './listening.ts'

/* The floor of every comparison: Express parses the JSON body of the same requests, and does nothing. */

const app = express()
app.post(callbackPath, express.json(), (_req, res) => {
  res.json({})
})
const port = await listenAnywhere(createServer(app))
answerParent({ port: () => port })
