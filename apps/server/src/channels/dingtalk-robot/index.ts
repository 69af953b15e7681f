import { createHmac } from 'node:crypto'
import { channelAddresses, DingtalkRobotSettings } from '@countersign/contracts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { robotName } from '#server/channels/group-robots.ts'
import { guardedCall } from '#server/channels/guarded-call.ts'
import type { Messenger } from '#server/channels/messenger.ts'
import type { CallingDeps } from '#server/channels/messenger-deps.ts'
import { readRobotAnswer } from '#server/channels/robot-answer.ts'
import { type RobotPlace, refuseRobotUrl, robotEgress } from '#server/channels/robot-url.ts'
import type { ChannelRecord } from '#server/db/stores.ts'
import { robotAllowance, STANDARD_PUSHES } from './allowance.ts'
import { dingtalkRobotBody } from './body.ts'
import { dingtalkRobotCodes } from './codes.ts'
import { examineDingtalkRobots } from './examine.ts'

const Address = channelAddresses.dingtalkRobot

/** 20 a minute for each robot. Five seconds more, since messages may take longer or shorter on their way. */
const perRobot = { points: 20, seconds: 65 }

/** DingTalk's group robots: whoever has the address of one can speak in its group, and nothing comes back. */
export function createDingtalkRobot(
  { tenantId, settings }: Pick<ChannelRecord, 'tenantId' | 'settings'>,
  { now, egress, meter }: CallingDeps,
): Messenger {
  const { origins, monthlyCallQuota, ...style } = DingtalkRobotSettings.parse(settings)
  const allowance = robotAllowance(tenantId)
  const place: RobotPlace = {
    origin: 'https://oapi.dingtalk.com',
    path: '/robot/send',
    token: 'access_token',
    others: origins,
  }
  return {
    tenantId,
    name: 'dingtalkRobot',
    appId: allowance.appId,
    // Nothing is done without: a robot says what nobody is told otherwise.
    callQuota: { calls: monthlyCallQuota ?? STANDARD_PUSHES, saveFrom: new Map() },
    format: 'dingtalk-markdown',
    limits: { app: [], receiver: [perRobot], message: [] },
    canBundle: true,
    receiverOf: (address) => Address.parse(address).url,
    refuseAddress(address) {
      const given = Address.safeParse(address)
      return given.success ? refuseRobotUrl(given.data.url, place) : 'must be the address of a group robot'
    },
    placeOf: (address) => robotName(Address.parse(address).url),
    examine: (examination) => examineDingtalkRobots(style.keyword, examination),
    async send(letter) {
      const { url, secret } = Address.parse(letter.address)
      const token = new URL(url).searchParams.get('access_token') ?? ''
      const guard = robotEgress(url, { isOperators: letter.isOperators, others: origins, egress })
      try {
        const answer = await guardedCall(guard, {
          url: secret === undefined ? url : signed(url, secret, now()),
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(dingtalkRobotBody(letter, style)),
        })
        const taken = readRobotAnswer(answer, dingtalkRobotCodes, [url, token, secret ?? ''])
        meter?.(allowance)
        return { message: null, ...taken }
      } catch (error) {
        if (error instanceof ChannelError && isCounted(error)) meter?.(allowance)
        throw error
      }
    },
  }
}

/** What was refused for its pace, or never got there, is not counted. */
function isCounted({ kind, code, outcomeUnknown }: ChannelError): boolean {
  return outcomeUnknown || (kind !== 'rate_limited' && code !== 'no_answer' && code !== 'address_not_allowed')
}

/** The platform takes a signature for an hour. Source: "customize robot security settings". */
function signed(address: string, secret: string, at: number): string {
  const url = new URL(address)
  url.searchParams.set('timestamp', String(at))
  url.searchParams.set('sign', createHmac('sha256', secret).update(`${at}\n${secret}`).digest('base64'))
  return url.href
}
