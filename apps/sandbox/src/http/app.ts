import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import express, { type ErrorRequestHandler, type Express } from 'express'
import type { Core } from '#sandbox/core.ts'
import type { DingtalkPlatform } from '#sandbox/platforms/dingtalk/platform.ts'
import type { LarkPlatform } from '#sandbox/platforms/lark/platform.ts'
import { openidPath } from '#sandbox/platforms/openid/platform.ts'
import type { Sandbox, SandboxAction } from '#sandbox/sandbox.ts'
import { platforms } from '#sandbox/seed.ts'
import type { Services } from '#sandbox/services.ts'
import { createControlRouter } from './control.ts'
import { createPhoneRouter } from './phone.ts'
import type { WebViews } from './web-view.ts'

export interface AppDeps {
  core: Core
  lark: LarkPlatform
  dingtalk: DingtalkPlatform
  services: Services
  webViews: WebViews
  actions: SandboxAction[]
  sandbox: () => Sandbox
}

/** Larger than any body a platform takes, so that its own limits are the ones that answer. */
const MAX_BODY = '5mb'
const builtPage = fileURLToPath(new URL('../../dist', import.meta.url))

/** The platforms under their base paths, the phones' doors, the control API, and the phones page itself. */
export function createApp(deps: AppDeps): Express {
  const { core, lark, dingtalk, services } = deps
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  const rawBody = express.raw({ type: () => true, limit: MAX_BODY })
  for (const platform of platforms) app.use(`/${platform}`, rawBody, lark.router(platform))
  app.use('/dingtalk', rawBody, dingtalk.router())
  app.use('/wecom', rawBody, services.wecom.router())
  app.use('/hooks', rawBody, services.webhooks.router())
  app.use(openidPath, services.openid.router())
  // The cloud's gateway is the root of its host: its calls are known by a header that no browser sends.
  app.all('/', rawBody, services.sms.handler())
  app.use('/phone', createPhoneRouter(core, deps.webViews))
  app.use('/_sandbox', createControlRouter(deps))
  app.use(express.static(builtPage, { etag: true }))
  app.get('/', (_request, response) => {
    response
      .status(existsSync(builtPage) ? 404 : 503)
      .type('text')
      .send('The phones page is not built: run the build script of @countersign/sandbox.')
  })
  app.use(answerError)
  return app
}

const answerError: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) return next(error)
  const status =
    typeof error === 'object' && error !== null && 'status' in error && typeof error.status === 'number'
      ? error.status
      : 500
  response.status(status).json({ error: error instanceof Error ? error.message : String(error) })
}
