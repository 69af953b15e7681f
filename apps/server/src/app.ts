import { randomUUID } from 'node:crypto'
import express, { type Express, type RequestHandler } from 'express'
import { appRouter } from './api/app/app-router.ts'
import { approvalTemplatesRouter } from './api/app/console/approval-templates-router.ts'
import { auditRouter } from './api/app/console/audit/router.ts'
import { managedChannelsRouter } from './api/app/console/channels/router.ts'
import { consoleApiRouter } from './api/app/console/console-router.ts'
import { deliveriesRouter } from './api/app/console/deliveries/router.ts'
import { directorySyncBytes, directorySyncPath, directorySyncRouter } from './api/app/console/directory-sync-router.ts'
import { loginWaysRouter } from './api/app/console/login-ways/router.ts'
import { peopleImportBytes, peopleImportPath, peopleRouter } from './api/app/console/people-router.ts'
import { reroutesRouter } from './api/app/console/reroutes-router.ts'
import { webhooksRouter } from './api/app/console/webhooks/router.ts'
import { welcomeRouter } from './api/app/console/welcome-router.ts'
import { coverageRouter } from './api/app/coverage-router.ts'
import { notificationRulesRouter } from './api/app/notification-rules/router.ts'
import { notificationSettingsRouter } from './api/app/notification-settings/router.ts'
import { textTemplatesRouter } from './api/app/text-templates/router.ts'
import { channelRouter } from './api/v1/channels.ts'
import { v1Router } from './api/v1/tickets.ts'
import { callbackRouter } from './callbacks/routes.ts'
import type { Context } from './context.ts'
import { decisionLinkRouter } from './decision-links/routes.ts'
import { apiDocsRouter } from './http/api-docs.ts'
import { consoleRouter } from './http/console-page.ts'
import { h5Router } from './http/h5-page.ts'
import { jsonBody } from './http/json-body.ts'
import { refuseNulInUrl } from './http/plain-text.ts'
import { notFoundHandler, problemHandler } from './http/problem.ts'
import { securityHeaders } from './http/security-headers.ts'
import { mailNoticeRouter } from './mail-notices/routes.ts'
import { healthRouter } from './ops/health.ts'
import { secondFactorRouter } from './second-factor/routes.ts'
import { requireSameOrigin } from './session/same-origin.ts'

/** Long SQL text travels in tickets; the app's own requests are small. */
const ticketBodyBytes = 1024 * 1024
const appBodyBytes = 64 * 1024

/** Mounts everything, in the order a request meets it. */
export function createApp(context: Context): Express {
  const { config, log, metrics } = context
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', config.trustProxy)
  app.set('query parser', 'simple')
  app.use(requestId, metrics.observeHttp, securityHeaders(config.publicUrl))
  app.use(refuseNulInUrl)
  app.use(healthRouter(context))
  app.use(callbackRouter(context.callbackDeps))
  app.use(decisionLinkRouter(context.decisionLinkDeps))
  app.use(mailNoticeRouter(context.mailNoticeDeps))
  app.use(apiDocsRouter(config.publicUrl))
  app.use('/api/v1', jsonBody(ticketBodyBytes))
  app.use(v1Router(context.v1Deps))
  app.use(channelRouter(context.channelApiDeps))
  app.use(peopleImportPath, jsonBody(peopleImportBytes))
  app.use(directorySyncPath, jsonBody(directorySyncBytes))
  app.use(
    '/api/app',
    jsonBody(appBodyBytes),
    requireSameOrigin(config.publicUrl, () => config.port),
  )
  app.use(appRouter(context.appDeps))
  app.use(consoleApiRouter(context.appDeps))
  app.use(deliveriesRouter(context.appDeps))
  app.use(webhooksRouter(context.appDeps))
  app.use(auditRouter(context.appDeps))
  app.use(managedChannelsRouter(context.managedChannelsDeps))
  app.use(welcomeRouter(context.welcomeDeps))
  app.use(notificationSettingsRouter(context.notificationSettingsDeps))
  app.use(textTemplatesRouter(context.textTemplatesDeps))
  app.use(coverageRouter(context.appDeps))
  app.use(notificationRulesRouter(context.appDeps))
  app.use(secondFactorRouter(context.secondFactorDeps))
  app.use(peopleRouter({ ...context.appDeps, publicUrl: config.publicUrl, ordered: context.rerouting.wake }))
  app.use(reroutesRouter({ ...context.appDeps, ordered: context.rerouting.wake }))
  app.use(directorySyncRouter(context.directorySyncDeps))
  app.use(approvalTemplatesRouter(context.appDeps))
  app.use(loginWaysRouter(context.loginWaysDeps))
  app.use(h5Router({ directory: context.h5Directory, channels: context.channels }))
  app.use(consoleRouter({ directory: context.consoleDirectory }))
  app.use(notFoundHandler)
  app.use(problemHandler(log))
  return app
}

const requestId: RequestHandler = (_req, res, next) => {
  const id = randomUUID()
  res.locals.requestId = id
  res.setHeader('x-request-id', id)
  next()
}
