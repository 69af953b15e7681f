import { createTestWorld, type TestWorld } from '#sandbox/_world.ts'
import type { JsonObject } from '#sandbox/json.ts'
import type { SandboxOptions } from '#sandbox/sandbox.ts'
import { SAMPLE_TEMPLATE_ID } from './template/sample.ts'

export const standardApp = 'dingsandboxstandard1'
export const standardSecret = 'sandbox-dingtalk-app-secret'
export const exclusiveApp = 'dingsandboxexclusive'
export const exclusiveSecret = 'sandbox-exclusive-app-secret'
export const apiSecret = 'a-secret-of-the-callback'
export const routeKey = 'countersign'

export interface Answered {
  status: number
  headers: Headers
  body: JsonObject & { result?: JsonObject }
}

/** A sandbox with DingTalk's default people, and a little server in the place of the real one. */
export interface DingtalkWorld extends Omit<TestWorld, 'call' | 'token' | 'sendCard'> {
  /** Calls the new host as the standard app. */
  api(method: string, path: string, body?: unknown, token?: string): Promise<Answered>
  /** Calls the old host as the standard app. */
  oapi(path: string, body?: unknown, token?: string): Promise<Answered>
  appToken(appKey?: string, secret?: string): Promise<string>
  /** Registers the little server for clicks. */
  register(more?: JsonObject): Promise<Answered>
  /** Sends one card to people of the standard organisation; gives the message of each. */
  sendCard(personIds: string[], more?: JsonObject): Promise<Answered>
  cardOf(personId: string): { messageId: string; params: Record<string, string> }
}

export async function createDingtalkWorld(options: Partial<SandboxOptions> = {}): Promise<DingtalkWorld> {
  const base = await createTestWorld(options)
  const { sandbox } = base
  const { apiUrl, oapiUrl } = sandbox.dingtalk
  const tokens = new Map<string, string>()
  const read = async (response: Response): Promise<Answered> => ({
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Answered['body'],
  })
  const json = { 'content-type': 'application/json' }

  const world: DingtalkWorld = Object.assign(base, {
    appToken: async (appKey = standardApp, secret = standardSecret) => {
      const known = tokens.get(appKey)
      if (known !== undefined) return known
      const answer = await fetch(`${apiUrl}/v1.0/oauth2/accessToken`, {
        method: 'POST',
        headers: json,
        body: JSON.stringify({ appKey, appSecret: secret }),
      })
      const { accessToken } = (await answer.json()) as { accessToken: string }
      tokens.set(appKey, accessToken)
      return accessToken
    },
    api: async (method: string, path: string, body?: unknown, token?: string) =>
      read(
        await fetch(apiUrl + path, {
          method,
          headers: { ...json, 'x-acs-dingtalk-access-token': token ?? (await world.appToken()) },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      ),
    oapi: async (path: string, body?: unknown, token?: string) =>
      read(
        await fetch(`${oapiUrl}${path}?access_token=${token ?? (await world.appToken())}`, {
          method: body === undefined ? 'GET' : 'POST',
          headers: json,
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      ),
    register: (more: JsonObject = {}) =>
      world.api('POST', '/v1.0/card/callbacks/register', {
        callbackRouteKey: routeKey,
        callbackUrl: sandbox.dingtalk.app(standardApp).robotUrl.replace('robot', 'card'),
        apiSecret,
        ...more,
      }),
    sendCard: (personIds: string[], more: JsonObject = {}) =>
      world.api('POST', '/v1.0/card/instances/createAndDeliver', approvalCard(world, personIds, more)),
    cardOf: (personId: string) => {
      const message = sandbox.chat(personId).findLast(({ card }) => card !== undefined)
      if (message?.card === undefined) throw new Error(`${personId} has no card`)
      return { messageId: message.messageId, params: message.card.params as Record<string, string> }
    },
  })
  return world
}

const words = {
  zh: { approveText: '同意', rejectText: '拒绝', openText: '查看详情', approveToast: '已同意' },
  en: { approveText: 'Approve', rejectText: 'Reject', openText: 'Open', approveToast: 'Approved' },
}

/** A request for the sample template: public values for all, buttons and words for each. */
export function approvalCard(
  { sandbox }: Pick<TestWorld, 'sandbox'>,
  personIds: string[],
  more: JsonObject = {},
): JsonObject {
  const people = personIds.map((id) => sandbox.person(id))
  const reason = { name: 'reason', label: 'Reason', type: 'TEXT_AREA', required: true }
  return {
    cardTemplateId: SAMPLE_TEMPLATE_ID,
    outTrackId: 'ticket-42',
    cardData: {
      cardParamMap: { title: '#42 Export orders', status: 'pending', facts: 'orders@prod', link: 'http://h5/' },
    },
    privateData: Object.fromEntries(
      people.map(({ userId, locale }) => [
        userId,
        {
          cardParamMap: {
            ...words[locale.startsWith('zh') ? 'zh' : 'en'],
            canDecide: 'true',
            proof: `proof-of-${userId}`,
            rejectForm: JSON.stringify({ fields: [reason] }),
          },
        },
      ]),
    ),
    callbackType: 'HTTP',
    callbackRouteKey: routeKey,
    openSpaceId: `dtv1.card//${people.map(({ userId }) => `IM_ROBOT.${userId}`).join(';')}`,
    imRobotOpenSpaceModel: { supportForward: false, lastMessageI18n: { ZH_CN: '待审批', EN_US: 'To approve' } },
    imRobotOpenDeliverModel: { spaceType: 'IM_ROBOT' },
    ...more,
  }
}
