import { channelAddresses, WecomRobotSettings } from '@countersign/contracts'
import { examineRobots, robotName } from '#server/channels/group-robots.ts'
import { guardedCall } from '#server/channels/guarded-call.ts'
import type { Messenger } from '#server/channels/messenger.ts'
import type { CallingDeps } from '#server/channels/messenger-deps.ts'
import { readRobotAnswer } from '#server/channels/robot-answer.ts'
import { type RobotPlace, refuseRobotUrl, robotEgress } from '#server/channels/robot-url.ts'
import type { ChannelRecord } from '#server/db/stores.ts'
import { wecomRobotBody } from './body.ts'
import { wecomRobotCodes } from './codes.ts'

const Address = channelAddresses.wecomRobot

/** Address unknown, robot switched off, robot or group gone. */
const goneCodes: ReadonlySet<string> = new Set(['93000', '93004', '93008'])

/** 20 a minute for each robot. Five seconds more, since messages may take longer or shorter on their way. */
const perRobot = { points: 20, seconds: 65 }

/** WeCom's group robots: whoever has the address of one can speak in its group, and nothing comes back. */
export function createWecomRobot(
  { tenantId, settings }: Pick<ChannelRecord, 'tenantId' | 'settings'>,
  { egress }: CallingDeps,
): Messenger {
  const { origins, messageType } = WecomRobotSettings.parse(settings)
  const place: RobotPlace = {
    origin: 'https://qyapi.weixin.qq.com',
    path: '/cgi-bin/webhook/send',
    token: 'key',
    others: origins,
  }
  return {
    tenantId,
    name: 'wecomRobot',
    appId: 'wecomRobot',
    format: messageType === 'markdown' ? 'wecom-markdown' : 'plain',
    limits: { app: [], receiver: [perRobot], message: [] },
    canBundle: true,
    receiverOf: (address) => Address.parse(address).url,
    refuseAddress(address) {
      const given = Address.safeParse(address)
      return given.success ? refuseRobotUrl(given.data.url, place) : 'must be the address of a group robot'
    },
    placeOf: (address) => robotName(Address.parse(address).url),
    async *examine(examination) {
      yield examineRobots(examination, { urlOf: (address) => Address.parse(address).url, goneCodes })
    },
    async send(letter) {
      const { url } = Address.parse(letter.address)
      const token = new URL(url).searchParams.get('key') ?? ''
      const answer = await guardedCall(robotEgress(url, { isOperators: letter.isOperators, others: origins, egress }), {
        url,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(wecomRobotBody(letter, messageType)),
      })
      return { message: null, ...readRobotAnswer(answer, wecomRobotCodes, [url, token]) }
    },
  }
}
