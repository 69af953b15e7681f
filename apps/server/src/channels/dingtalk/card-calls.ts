import type { SharedReceiver } from '#server/channels/channel.ts'
import { createTranslator } from '#server/i18n/translator.ts'
import { type CardSetting, defaultPrivateData, noticeText, privateData, publicData } from './card-data.ts'
import type { DingtalkClient } from './client.ts'
import { isBadSpaceId } from './errors.ts'
import { CreatedAndDelivered, DeliveredOnly, type DeliverResults, Done } from './wire.ts'

/* The calls about cards. Documents: create and deliver cards, deliver a card, add spaces, update a card. */

export interface CardApp extends CardSetting {
  cardTemplateId: string
  /** `stream`: callbacks come over the connection of our own. */
  connection: 'http' | 'stream'
  callbackRouteKey: string
}

export interface CardCalls {
  createAndDeliver(outTrackId: string, receivers: Receivers): Promise<DeliverResults>
  /** Adds people to a card that is there; what they see must have been put into it before. */
  deliver(outTrackId: string, receivers: Receivers): Promise<DeliverResults>
  update(outTrackId: string, receivers: Receivers, parts: UpdatedParts): Promise<void>
}

/** What an update names: everybody's values, the receivers' own, or both. */
export interface UpdatedParts {
  everybodys: boolean
  own: boolean
}

/** At least one. */
export type Receivers = readonly [SharedReceiver, ...SharedReceiver[]]

/** People whose values one update names at most. Document: responding to interactive messages. */
export const MAX_PRIVATE = 50
/** Of `openSpaceId`. */
const MAX_SPACE_ID = 1_000
const SPACE_PREFIX = 'dtv1.card//'
/** All data of a card may take 100 KB; the rest of the request and the platform's own counting need some of it. */
const MAX_DATA_BYTES = 80_000
const userIdType = 1

export function createCardCalls(client: DingtalkClient, app: CardApp): CardCalls {
  const dataOf = (receivers: Receivers) => ({
    cardData: { cardParamMap: everybodysData(receivers, app) },
    privateData: privateMaps(receivers, app),
  })
  let separator = separators.documented
  /** In the one way that the platform has taken last; in the other when it takes several people for a bad address. */
  const writtenEitherWay = async <Answer>(
    receivers: Receivers,
    call: (openSpaceId: string) => Promise<Answer>,
  ): Promise<Answer> => {
    try {
      return await call(spaceId(receivers, separator))
    } catch (error) {
      if (!isBadSpaceId(error) || receivers.length === 1) throw error
      const other = separator === separators.documented ? separators.repeated : separators.documented
      const answer = await call(spaceId(receivers, other))
      separator = other
      return answer
    }
  }
  return {
    createAndDeliver: (outTrackId, receivers) =>
      writtenEitherWay(receivers, async (openSpaceId) => {
        const body = {
          ...{ cardTemplateId: app.cardTemplateId, outTrackId, userIdType },
          ...dataOf(receivers),
          ...callbackOf(app),
          openSpaceId,
          imRobotOpenSpaceModel: spaceModel(receivers),
          imRobotOpenDeliverModel: { spaceType: 'IM_ROBOT' },
        }
        const api = '/v1.0/card/instances/createAndDeliver'
        const { result } = await client.callNew({ api, body, answer: CreatedAndDelivered, isCounted: true })
        return result.deliverResults ?? []
      }),
    deliver: (outTrackId, receivers) =>
      writtenEitherWay(receivers, async (openSpaceId) => {
        const body = { outTrackId, userIdType, openSpaceId, imRobotOpenDeliverModel: { spaceType: 'IM_ROBOT' } }
        const api = '/v1.0/card/instances/deliver'
        const { result } = await client.callNew({ api, body, answer: DeliveredOnly, isCounted: true })
        return result ?? []
      }),
    async update(outTrackId, receivers, parts) {
      const { cardData, privateData: own } = dataOf(receivers)
      const body = {
        outTrackId,
        userIdType,
        ...(parts.everybodys ? { cardData } : {}),
        ...(parts.own ? { privateData: own } : {}),
        // By key: replacing would take away what people have who are not named here.
        cardUpdateOptions: { updateCardDataByKey: true, updatePrivateDataByKey: true },
      }
      await client.callNew({ method: 'PUT', api: '/v1.0/card/instances', body, answer: Done, isCounted: true })
    },
  }
}

/** Splits receivers so that each part fits into one call. */
export function inCalls(receivers: Receivers, app: CardSetting): [Receivers, ...Receivers[]] {
  const [first, ...rest] = receivers
  const parts: [SharedReceiver, ...SharedReceiver[]][] = []
  let part: [SharedReceiver, ...SharedReceiver[]] = [first]
  let bytes = bytesOf(first, app)
  for (const receiver of rest) {
    const more = bytesOf(receiver, app)
    const isFull =
      part.length >= MAX_PRIVATE ||
      bytes + more > MAX_DATA_BYTES ||
      spaceId([...part, receiver], separators.repeated).length > MAX_SPACE_ID
    if (isFull) {
      parts.push(part)
      part = [receiver]
      bytes = more
    } else {
      part.push(receiver)
      bytes += more
    }
  }
  const [head, ...tail] = [...parts, part]
  return head === undefined ? [part] : [head, ...tail]
}

function bytesOf({ card, platformUserId }: SharedReceiver, app: CardSetting): number {
  return Buffer.byteLength(JSON.stringify(privateData(card, platformUserId, app)))
}

/** What everybody sees is told as to those who are asked to decide. */
function foremost(receivers: Receivers): SharedReceiver {
  return receivers.find(({ card }) => card.decision !== 'none') ?? receivers[0]
}

function everybodysData(receivers: Receivers, app: CardSetting): Record<string, string> {
  const { card } = foremost(receivers)
  return { ...defaultPrivateData(card), ...publicData(card, app) }
}

function privateMaps(receivers: Receivers, app: CardSetting): Record<string, { cardParamMap: Record<string, string> }> {
  return Object.fromEntries(
    receivers.map(({ platformUserId, card }) => [
      platformUserId,
      { cardParamMap: privateData(card, platformUserId, app) },
    ]),
  )
}

/** One page of the platform writes the beginning once, another can be read as if every receiver had it. */
const separators = { documented: ';', repeated: `;${SPACE_PREFIX}` }

/** `dtv1.card//IM_ROBOT.<user>;IM_ROBOT.<user>`: the chat of each with the app's robot. */
function spaceId(receivers: readonly SharedReceiver[], separator: string): string {
  return SPACE_PREFIX + receivers.map(({ platformUserId }) => `IM_ROBOT.${platformUserId}`).join(separator)
}

function spaceModel(receivers: Receivers): object {
  const { card } = foremost(receivers)
  const said = (locale: 'zh-CN' | 'en' | 'ja'): string => noticeText(card, createTranslator(locale))
  return {
    // Who may see the ticket is decided here, not by whoever forwards its card.
    supportForward: false,
    lastMessageI18n: { ZH_CN: said('zh-CN'), EN_US: said('en'), JA_JP: said('ja') },
  }
}

function callbackOf({ connection, callbackRouteKey }: CardApp): object {
  return connection === 'stream' ? { callbackType: 'STREAM' } : { callbackType: 'HTTP', callbackRouteKey }
}
