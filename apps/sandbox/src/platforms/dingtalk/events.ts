import type { Core } from '#sandbox/core.ts'
import { freshId } from '#sandbox/ids.ts'
import { isObject, type JsonObject, parseJson, stringAt } from '#sandbox/json.ts'
import type { DingtalkApp } from '#sandbox/world.ts'
import type { StreamGateway, StreamPush } from './stream/gateway.ts'

const ANSWER_LIMIT_MS = 3_000
/** Waits before each further attempt, as documented for events over HTTP; for Stream only that they are repeated. */
const RETRY_DELAYS_MS = [10_000, 30_000]

/** An event on its way; `attempts` grows while it comes again. */
export interface StreamEvent {
  eventId: string
  attempts: StreamPush[]
  state: 'delivered' | 'retrying' | 'given-up'
}

/** Pushes an event of the organisation over Stream until a client says SUCCESS; LATER asks for another delivery. */
export async function pushEvent(
  { clock }: Core,
  stream: StreamGateway,
  app: DingtalkApp,
  eventType: string,
  data: JsonObject,
): Promise<StreamEvent> {
  const event: StreamEvent = { eventId: freshId(''), attempts: [], state: 'retrying' }
  const frame = {
    type: 'EVENT' as const,
    topic: '*',
    data,
    messageId: freshId(''),
    headers: {
      appId: app.appKey,
      eventType,
      eventId: event.eventId,
      eventCorpId: app.corpId,
      eventBornTime: String(clock.wallNow()),
      eventUnifiedAppId: app.appKey,
    },
  }
  const attempt = async (): Promise<void> => {
    const push = await stream.push(app, frame, ANSWER_LIMIT_MS)
    event.attempts.push(push)
    const answer = parseJson(push.answer)
    const delay = RETRY_DELAYS_MS[event.attempts.length - 1]
    if (push.failure === undefined && isObject(answer) && stringAt(answer, 'status') === 'SUCCESS') {
      event.state = 'delivered'
    } else if (delay === undefined) event.state = 'given-up'
    else clock.at(clock.now() + delay, attempt)
  }
  await attempt()
  return event
}
