import express, { type Request, type Response, Router } from 'express'
import { z } from 'zod'
import { faultKinds, faultSchema } from '#sandbox/faults.ts'
import { isObject } from '#sandbox/json.ts'
import {
  coverage as dingtalkCoverage,
  pushCoverage as dingtalkPushCoverage,
  drawnDingtalkComponents,
} from '#sandbox/platforms/dingtalk/coverage.ts'
import { resolveDingtalkLink } from '#sandbox/platforms/dingtalk/login/links.ts'
import { dingtalkSettingsSchema } from '#sandbox/platforms/dingtalk/settings.ts'
import { resolveAppLink } from '#sandbox/platforms/lark/app-link.ts'
import { coverage, drawnComponents, pushCoverage } from '#sandbox/platforms/lark/coverage.ts'
import { coverage as mailCoverage } from '#sandbox/platforms/mail/coverage.ts'
import { coverage as openidCoverage } from '#sandbox/platforms/openid/coverage.ts'
import { coverage as smsCoverage } from '#sandbox/platforms/sms/coverage.ts'
import { coverage as webhookCoverage } from '#sandbox/platforms/webhook/coverage.ts'
import { coverage as wecomCoverage } from '#sandbox/platforms/wecom/coverage.ts'
import { maskSecrets } from '#sandbox/wire.ts'
import type { App, DingtalkApp, Person, World } from '#sandbox/world.ts'
import type { AppDeps } from './app.ts'
import { streamChanges } from './live.ts'
import { addServiceRoutes } from './services-control.ts'

const pressSchema = z.strictObject({
  person: z.string(),
  messageId: z.string(),
  button: z.string().optional(),
  /** Position among the card's buttons, for buttons whose name and text are not unique. */
  index: z.int().nonnegative().optional(),
  formValues: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
  confirm: z.boolean().optional(),
})
const saySchema = z.strictObject({
  person: z.string(),
  text: z.string().min(1).max(5_000),
  appId: z.string().optional(),
  group: z.string().min(1).optional(),
})
const advanceSchema = z.strictObject({ ms: z.int().positive() })
const bridgeSchema = z.strictObject({
  person: z.string(),
  operation: z.string(),
  input: z.record(z.string(), z.unknown()),
  url: z.url(),
})
const webViewSchema = z.strictObject({ url: z.url({ protocol: /^(https?|dingtalk)$/ }) })
const templateSchema = z.strictObject({
  appKey: z.string(),
  template: z.union([z.string(), z.record(z.string(), z.unknown())]),
  templateId: z.string().optional(),
})
const connectionSchema = z.strictObject({ appKey: z.string(), action: z.enum(['cut', 'disconnect']) })
const limitsSchema = z.strictObject({
  callsPerSecond: z.int().nonnegative().optional(),
  callsPerMinute: z.int().nonnegative().optional(),
  perReceiverPerSecond: z.int().nonnegative().optional(),
  perMessagePerSecond: z.int().nonnegative().optional(),
  unreadBuzzes: z.int().nonnegative().optional(),
  buzzes: z.int().nonnegative().optional(),
  receiverLimitStatus: z.union([z.literal(400), z.literal(429)]).optional(),
})

const WIRE_PAGE = 300

/** The JSON API under `/_sandbox`: what the phones page and browser tests drive the sandbox with. */
export function createControlRouter(deps: AppDeps): Router {
  const router = Router()
  router.use(refuseStrangers)
  router.use(express.json({ limit: '1mb' }))
  addStateRoutes(router, deps)
  addPhoneRoutes(router, deps)
  addFaultRoutes(router, deps)
  addTrafficRoutes(router, deps)
  addDingtalkRoutes(router, deps)
  addServiceRoutes(router, deps)
  router.use(answerBadInput)
  return router
}

/** Everything the page draws but the chats. */
function addStateRoutes(router: Router, { core, actions }: AppDeps): void {
  router.get('/state', (_request, response) => {
    response.json({
      now: core.clock.now(),
      offsetMs: core.clock.offset(),
      people: [...core.world.people.values()].map((person) => describePerson(core.world, person)),
      apps: [
        ...[...core.world.apps.values()].map(describeLarkApp),
        ...[...core.world.dingtalkApps.values()].map(describeDingtalkApp),
      ],
      actions: actions.map(({ id, label }) => ({ id, label })),
      faults: core.faults.list(),
      faultKinds,
    })
  })
  router.post('/actions/:id', async (request, response) => {
    const action = actions.find(({ id }) => id === request.params.id)
    if (action === undefined) return void response.status(404).json({ error: 'no such action' })
    response.json(await action.run())
  })
  router.get(
    '/coverage',
    (_request, response) =>
      void response.json({
        coverage: [
          ...coverage,
          ...openidCoverage,
          ...dingtalkCoverage.map(({ host, ...one }) => ({ ...one, path: `${host} ${one.path}` })),
          ...[...wecomCoverage, ...smsCoverage, ...mailCoverage, ...webhookCoverage],
        ],
        pushCoverage: [...pushCoverage, ...dingtalkPushCoverage],
        drawnComponents: [...drawnComponents, ...drawnDingtalkComponents],
      }),
  )
  router.get('/live', (_request, response) => streamChanges(core.changes, response))
}

/** What a person does on a phone. */
function addPhoneRoutes(router: Router, { core, lark, webViews, sandbox }: AppDeps): void {
  router.get('/people/:person/chat', (request, response) => {
    const messages = sandbox().chat(request.params.person)
    // A DingTalk card is data; what it looks like stands in its template.
    response.json({
      messages: messages.map((message) =>
        message.platform === 'dingtalk' && message.card !== undefined
          ? { ...message, drawn: sandbox().dingtalk.draw(message.messageId) }
          : message,
      ),
    })
  })
  router.post('/press', async (request, response) => {
    const { person, messageId, button, index, formValues, confirm } = pressSchema.parse(request.body)
    const options = {
      ...(formValues === undefined ? {} : { formValues }),
      ...(confirm === undefined ? {} : { confirm }),
    }
    response.json(await sandbox().press(person, messageId, index ?? button ?? '', options))
  })
  router.post('/say', async (request, response) => {
    const { person, text, appId, group } = saySchema.parse(request.body)
    const options = { ...(appId === undefined ? {} : { appId }), ...(group === undefined ? {} : { group }) }
    const said = await sandbox().say(person, text, options)
    response.json({ messageId: said.message.messageId, eventId: said.event.eventId, state: said.event.state })
  })
  router.post('/people/:person/buzzes/:message', (request, response) => {
    const message = core.world.messages.get(request.params.message)
    if (message?.buzzed !== true || message.personId !== request.params.person) {
      return void response.status(404).json({ error: 'this person was not buzzed about that message' })
    }
    message.buzzRead = true
    core.changes.announce({ kind: 'message', personId: message.personId, messageId: message.messageId })
    response.json({})
  })
  router.post('/people/:person/enter', async (request, response) => {
    const event = await sandbox().enterChat(request.params.person)
    response.json({ state: event?.state ?? 'entered-before' })
  })
  router.post('/people/:person/web-view', async (request, response) => {
    const { url } = webViewSchema.parse(request.body)
    const person = sandbox().person(request.params.person)
    const page = person.platform === 'dingtalk' ? resolveDingtalkLink(url) : resolveAppLink(core.world, url)
    response.json(await webViews.open(person, page, request.hostname))
  })
  router.post('/bridge', (request, response) => {
    const { person, operation, input, url } = bridgeSchema.parse(request.body)
    response.json(lark.bridge.answer(sandbox().person(person), operation, input, webViews.realUrl(url)))
  })
}

/** Faults and limits. */
function addFaultRoutes(router: Router, { core }: AppDeps): void {
  router.get('/faults', (_request, response) => void response.json({ faults: core.faults.list() }))
  router.post('/faults', (request, response) => {
    response.status(201).json({ id: core.faults.set(faultSchema.parse(request.body)) })
  })
  router.delete('/faults', (_request, response) => {
    core.faults.clear()
    response.status(204).end()
  })
  router.delete('/faults/:id', (request, response) => {
    core.faults.clear(request.params.id)
    response.status(204).end()
  })
  router.post('/limits', (request, response) => {
    for (const [key, value] of Object.entries(limitsSchema.parse(request.body))) {
      if (value !== undefined) Object.assign(core.limits, { [key]: value })
    }
    response.json(core.limits)
  })
}

/** What only DingTalk has: templates, switches, the month's use, connections. */
function addDingtalkRoutes(router: Router, { sandbox }: AppDeps): void {
  router.post('/dingtalk/templates', (request, response) => {
    const { appKey, template, templateId } = templateSchema.parse(request.body)
    response.status(201).json({ templateId: sandbox().dingtalk.importTemplate(appKey, template, templateId) })
  })
  router.get('/dingtalk/settings', (_request, response) => void response.json(sandbox().dingtalk.settings))
  router.post('/dingtalk/settings', (request, response) => {
    const { settings } = sandbox().dingtalk
    response.json(Object.assign(settings, dingtalkSettingsSchema.parse(request.body)))
  })
  router.get('/dingtalk/apps/:appKey', (request, response) => {
    const { appKey } = request.params
    const { dingtalk } = sandbox()
    const { edition } = dingtalk.app(appKey)
    response.json({
      usage: dingtalk.usage(appKey),
      limits: { calls: dingtalk.settings.monthlyCalls[edition], pushes: dingtalk.settings.monthlyPushes[edition] },
      connections: dingtalk.connections(appKey).map(({ id, isLeaving }) => ({ id, isLeaving })),
    })
  })
  router.post('/dingtalk/connections', (request, response) => {
    const { appKey, action } = connectionSchema.parse(request.body)
    if (action === 'cut') sandbox().dingtalk.cut(appKey)
    else sandbox().dingtalk.disconnect(appKey)
    response.status(204).end()
  })
}

/** The wire log and the clock. */
function addTrafficRoutes(router: Router, { core, sandbox }: AppDeps): void {
  router.get('/wire', (request, response) => {
    const since = Number(request.query.since ?? 0)
    const entries = core.wire.entries.filter((entry) => entry.id > since).slice(-WIRE_PAGE)
    response.json({ entries: entries.map(maskSecrets) })
  })
  router.post('/advance', async (request, response) => {
    await sandbox().advance(advanceSchema.parse(request.body).ms)
    response.json({ now: core.clock.now(), offsetMs: core.clock.offset() })
  })
  router.post('/reset', (_request, response) => {
    sandbox().reset()
    response.status(204).end()
  })
}

function describePerson(world: World, person: Person) {
  const { id, name, platform, locale, avatarColor, availableTo, stoppedBot, tenantKey, email, mobile } = person
  const edition = [...world.dingtalkApps.values()].find(({ corpId }) => corpId === tenantKey)?.edition
  return { id, name, platform, edition, locale, avatarColor, availableTo, stoppedBot, tenantKey, email, mobile }
}

function describeLarkApp({ appId, platform, name, homeUrl, callbackUrl, tenantKey }: App) {
  return { appId, platform, name, homeUrl, callbackUrl, tenantKey }
}

function describeDingtalkApp({ appId, platform, edition, name, homeUrl, robotUrl, tenantKey }: DingtalkApp) {
  return { appId, platform, edition, name, homeUrl, callbackUrl: robotUrl, tenantKey }
}

/** Only this machine's own pages may drive the sandbox: a foreign site in the same browser may not. */
function refuseStrangers(request: Request, response: Response, next: () => void): void {
  const host = (request.get('host') ?? '').replace(/:\d+$/, '')
  const origin = request.get('origin')
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(host)
  const isOwnPage = origin === undefined || origin === `${request.protocol}://${request.get('host')}`
  if (isLoopback && isOwnPage) next()
  else response.status(403).json({ error: 'the control API is for this machine and its own page only' })
}

function answerBadInput(error: unknown, _request: Request, response: Response, _next: () => void): void {
  if (error instanceof z.ZodError) {
    response.status(400).json({ error: z.prettifyError(error) })
    return
  }
  const status = isObject(error) && typeof error.status === 'number' ? error.status : 422
  response.status(status).json({ error: error instanceof Error ? error.message : String(error) })
}
