import { performance } from 'node:perf_hooks'
import express, { type Request, type Response, Router } from 'express'
import type { LiveChannels } from '#server/channels/live-channels.ts'
import { sendProblem } from '#server/http/problem.ts'
import { type ReceiveDeps, receive } from './receive.ts'

/** Platforms send a few kilobytes. */
const maxBodyBytes = 256 * 1024

export interface CallbackRouterDeps extends ReceiveDeps {
  channels: LiveChannels
  now: () => number
  /** For metrics: seconds from the first byte to the answer. */
  observe: (channel: string, outcome: string, seconds: number) => void
}

/**
 * The only public door for platforms: `POST /callbacks/{channel}/{appId}`, and where a platform has one address for each
 * kind of callback, `POST /callbacks/{channel}/{appId}/{part}`. The body stays raw, because signatures cover
 * bytes; compressed bodies are refused.
 */
export function callbackRouter(deps: CallbackRouterDeps): Router {
  const router = Router()
  const raw = express.raw({ type: () => true, limit: maxBodyBytes, inflate: false })
  router.post('/callbacks/:channel/:appId{/:part}', raw, async (req: Request, res: Response) => {
    const startedAt = performance.now()
    const { channel: name, appId, part } = req.params
    const channel =
      typeof name === 'string' && typeof appId === 'string' ? await deps.channels.byApp(name, appId) : null
    const isKnown = part === undefined || channel?.callbackParts?.some((known) => known === part) === true
    if (channel === null || !isKnown) {
      sendProblem(res, { status: 404, code: 'not_found', detail: 'no such app is enabled here' })
      return
    }
    const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0)
    const given = { headers: req.headers, body, receivedAt: deps.now() }
    const answer = await receive(deps, channel, typeof part === 'string' ? { ...given, part } : given)
    res.status(answer.status).type('application/json').send(JSON.stringify(answer.body))
    deps.observe(channel.name, answer.outcome, (performance.now() - startedAt) / 1_000)
  })
  return router
}
