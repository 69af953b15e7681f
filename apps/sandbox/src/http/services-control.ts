import type { Router } from 'express'
import { z } from 'zod'
import { groupRobotSchema } from '#sandbox/platforms/dingtalk/group-robot/seed.ts'
import { mailSettingsSchema } from '#sandbox/platforms/mail/settings.ts'
import { smsSettingsSchema } from '#sandbox/platforms/sms/settings.ts'
import { webhookAnswerSchema } from '#sandbox/platforms/webhook/answers.ts'
import { webhookSchema } from '#sandbox/platforms/webhook/seed.ts'
import type { AppDeps } from './app.ts'

const groupChangeSchema = z.strictObject({ state: z.enum(['active', 'dissolved']) })
const robotShape = groupRobotSchema.shape
const groupRobotChangeSchema = z.strictObject({
  keywords: robotShape.keywords.unwrap().exactOptional(),
  secret: robotShape.secret.unwrap().exactOptional(),
  allowedIps: robotShape.allowedIps.unwrap().exactOptional(),
  state: z.enum(['active', 'stopped', 'removed']).exactOptional(),
  unsafeWords: z.array(z.string().min(1)).exactOptional(),
})
const wecomRobotChangeSchema = z.strictObject({ state: z.enum(['active', 'disabled', 'not-in-group', 'removed']) })
const wecomSettingsSchema = z.strictObject({ perMinute: z.int().nonnegative() }).partial()
const accountChangeSchema = z.strictObject({ state: z.enum(['active', 'denied', 'unpaid', 'stopped']) })
const answerSchema = z.strictObject({ answer: webhookAnswerSchema, times: z.int().positive().optional() })
const webhookShape = webhookSchema.shape
/** Without the defaults of a new receiver: what is not named stays. */
const webhookChangeSchema = z.strictObject({
  name: webhookShape.name.exactOptional(),
  signatureMethod: webhookShape.signatureMethod.unwrap().exactOptional(),
  signatureKey: webhookShape.signatureKey.unwrap().exactOptional(),
  recipe: webhookShape.recipe.unwrap().exactOptional(),
  secret: webhookShape.secret.unwrap().exactOptional(),
})

/** Groups and their robots, SMS, mail and webhooks. */
export function addServiceRoutes(router: Router, deps: AppDeps): void {
  addInboxRoutes(router, deps)
  addRobotRoutes(router, deps)
  addSmsAndMailRoutes(router, deps)
  addWebhookRoutes(router, deps)
}

/** What a person finds on the phone beside the chats with bots. */
function addInboxRoutes(router: Router, { sandbox, core }: AppDeps): void {
  router.get('/people/:person/groups', (request, response) => {
    const { id } = sandbox().person(request.params.person)
    const groups = core.groups.of(id).map((group) => ({
      id: group.id,
      platform: group.platform,
      title: group.title,
      state: group.state,
      members: core.groups
        .members(group)
        .map(({ id, name, avatarColor, userId, mobile }) => ({ id, name, avatarColor, userId, mobile })),
      messages: core.groups.messages(group.id),
    }))
    response.json({ groups })
  })
  router.get('/people/:person/sms', (request, response) => {
    const { mobile } = sandbox().person(request.params.person)
    response.json({ number: mobile ?? '', messages: mobile === undefined ? [] : sandbox().sms.inbox(mobile) })
  })
  router.get('/people/:person/mail', (request, response) => {
    const { email } = sandbox().person(request.params.person)
    response.json({ address: email ?? '', messages: email === undefined ? [] : sandbox().mail.inbox(email) })
  })
  router.post('/groups/:group', (request, response) => {
    sandbox().groups.configure(request.params.group, groupChangeSchema.parse(request.body))
    response.status(204).end()
  })
}

function addRobotRoutes(router: Router, { sandbox }: AppDeps): void {
  router.get('/robots', (_request, response) => {
    const { dingtalk, wecom } = sandbox()
    response.json({
      dingtalk: dingtalk.groupRobots().map((robot) => ({
        ...robot,
        url: dingtalk.groupRobotUrl(robot.id),
        blockedUntil: dingtalk.groupRobotBlockedUntil(robot.id) ?? null,
      })),
      wecom: wecom.robots().map((robot) => ({ ...robot, url: wecom.robotUrl(robot.id) })),
    })
  })
  router.get('/dingtalk/group-robots/:robot/messages', (request, response) => {
    response.json({ messages: sandbox().dingtalk.robotMessages(request.params.robot) })
  })
  router.post('/dingtalk/group-robots/:robot', (request, response) => {
    sandbox().dingtalk.configureGroupRobot(request.params.robot, groupRobotChangeSchema.parse(request.body))
    response.json(sandbox().dingtalk.groupRobot(request.params.robot))
  })
  router.get('/wecom/robots/:robot/messages', (request, response) => {
    response.json({ messages: sandbox().wecom.messages(request.params.robot) })
  })
  router.post('/wecom/robots/:robot', (request, response) => {
    sandbox().wecom.configureRobot(request.params.robot, wecomRobotChangeSchema.parse(request.body))
    response.json(sandbox().wecom.robot(request.params.robot))
  })
  router.post('/wecom/settings', (request, response) => {
    response.json(Object.assign(sandbox().wecom.settings, wecomSettingsSchema.parse(request.body)))
  })
}

function addSmsAndMailRoutes(router: Router, { sandbox }: AppDeps): void {
  router.get('/sms', (request, response) => {
    const { sms } = sandbox()
    const number = z.string().min(1).optional().parse(request.query.number)
    response.json({
      endpoint: sms.endpoint,
      settings: sms.settings,
      accounts: sms.accounts.map(({ accessKeyId, state }) => ({ accessKeyId, state })),
      numbers: sms.numbers(),
      ...(number === undefined ? {} : { messages: sms.sentTo(number) }),
    })
  })
  router.post('/sms/settings', (request, response) => {
    response.json(Object.assign(sandbox().sms.settings, smsSettingsSchema.parse(request.body)))
  })
  router.post('/sms/accounts/:key', (request, response) => {
    sandbox().sms.configureAccount(request.params.key, accountChangeSchema.parse(request.body))
    response.status(204).end()
  })
  router.get('/mail', (request, response) => {
    const { host, port, settings, mailboxes, inbox } = sandbox().mail
    const address = z.string().min(1).optional().parse(request.query.address)
    response.json({ host, port, settings, mailboxes, ...(address === undefined ? {} : { messages: inbox(address) }) })
  })
  router.get('/mail/certificate', (_request, response) => {
    response.type('application/x-pem-file').send(sandbox().mail.certificate)
  })
  router.post('/mail/settings', (request, response) => {
    response.json(Object.assign(sandbox().mail.settings, mailSettingsSchema.parse(request.body)))
  })
}

function addWebhookRoutes(router: Router, { sandbox }: AppDeps): void {
  router.get('/webhooks', (_request, response) => {
    const { webhooks } = sandbox()
    response.json({
      receivers: webhooks.receivers().map((receiver) => ({
        ...receiver,
        url: webhooks.url(receiver.id),
        calls: webhooks.calls(receiver.id).length,
      })),
    })
  })
  router.post('/webhooks', (request, response) => {
    response.status(201).json({ url: sandbox().webhooks.add(webhookSchema.parse(request.body)) })
  })
  router.post('/webhooks/:receiver', (request, response) => {
    const change = webhookChangeSchema.parse(request.body)
    sandbox().webhooks.configure(request.params.receiver, change)
    response.json(sandbox().webhooks.receiver(request.params.receiver))
  })
  router.get('/webhooks/:receiver/calls', (request, response) => {
    response.json({ calls: sandbox().webhooks.calls(request.params.receiver) })
  })
  router.post('/webhooks/:receiver/answer', (request, response) => {
    const { answer, times } = answerSchema.parse(request.body)
    sandbox().webhooks.answer(request.params.receiver, answer, times)
    response.json(sandbox().webhooks.receiver(request.params.receiver))
  })
}
