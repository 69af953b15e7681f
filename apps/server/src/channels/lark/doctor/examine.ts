import { ChannelError } from '#server/channels/channel-error.ts'
import {
  accepted,
  ask,
  asTheyCome,
  type Examination,
  type Finding,
  isOwnAnswer,
  notAsked,
  notTold,
  refused,
} from '#server/channels/finding.ts'
import { examineClock } from '#server/channels/platform-clock.ts'
import { FRESHNESS_MS } from '../verify.ts'
import { OnlineConnections } from '../wire.ts'
import { examineBot } from './bot.ts'
import { examineConsole } from './console.ts'
import { consolePage, type LarkPatient } from './patient.ts'
import { examinePermissions } from './permissions.ts'
import { larkPhrases as say } from './phrases.ts'

const outOfRange = '230013'
const stopped = '230053'
const nameAtMost = 20

/** Everything that Lark and Feishu let an app find out about itself. Documents: README.md. */
export async function* examineLark(patient: LarkPatient, examination: Examination): AsyncGenerator<Finding> {
  const { client, settings } = patient
  yield await examineClock(`${settings.openUrl}/open-apis/`, { toleratedMs: FRESHNESS_MS, now: patient.now })
  const question = { id: 'credentials', call: 'POST /open-apis/auth/v3/tenant_access_token/internal' }
  const link = consolePage(patient, 'baseinfo')
  try {
    await client.authenticate()
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    const own = isOwnAnswer(error)
    yield own ? refused(question, error, { fix: say('checkCredentials'), link }) : notTold(question, error)
    return
  }
  yield accepted(question)
  // No other kind of app gets a token there.
  yield { id: 'internal_organisation', status: 'ok', evidence: say('customApp', { call: question.call }) }
  yield* reachOfPeople(patient, examination)
  if (examination.maySpendCalls) yield* askAll(patient, examination)
  else yield* costly.map(notAsked)
}

/** Every call with a token is taken to count where the calls of a month are limited. */
const costly = [
  'bot',
  'app_published',
  'permissions',
  'card_callback',
  'message_event',
  'redirect_url',
  'trusted_domain',
]

function askAll(patient: LarkPatient, examination: Examination): AsyncIterable<Finding> {
  return asTheyCome([
    examineBot(patient),
    examinePermissions(patient),
    examineConsole(patient, examination),
    connectionAtPlatform(patient),
  ])
}

async function connectionAtPlatform({ client, settings }: LarkPatient): Promise<Finding[]> {
  if (settings.connection !== 'long-connection') return []
  const question = { id: 'connection_at_platform', call: 'GET /open-apis/event/v1/connection' }
  const finding = await ask(question, () => client.get(OnlineConnections, '/open-apis/event/v1/connection'), {
    answer: ({ data }) => {
      const count = data.online_instance_cnt
      const evidence = say('onlineConnections', { call: question.call, count })
      return count > 0
        ? { id: question.id, status: 'ok', evidence }
        : { id: question.id, status: 'failed', evidence, fix: say('startHost') }
    },
  })
  return [finding]
}

/** The platform has no call that lists who may use the app: what it said to our cards tells. */
function reachOfPeople(patient: LarkPatient, { recentDeliveries }: Examination): Finding[] {
  const link = consolePage(patient, 'version')
  const named = (code: string): string[] => [
    ...new Set(recentDeliveries.filter((delivery) => delivery.code === code).map(({ recipient }) => recipient)),
  ]
  const outside = named(outOfRange)
  const reached = new Set(
    recentDeliveries.filter(({ state }) => state === 'sent' || state === 'updated').map(({ recipient }) => recipient),
  ).size
  const deaf = named(stopped)
  return [
    outside.length > 0
      ? {
          id: 'visible_range',
          status: 'failed',
          evidence: say('outsideRange', { people: list(outside), count: outside.length }),
          code: outOfRange,
          fix: say('widenRange'),
          link,
        }
      : reached > 0
        ? { id: 'visible_range', status: 'ok', evidence: say('insideRange', { count: reached }) }
        : { id: 'visible_range', status: 'unknown', evidence: say('rangeUnknown'), fix: say('sendOne') },
    ...(deaf.length === 0
      ? []
      : [
          {
            id: 'bot_stopped',
            status: 'warning' as const,
            evidence: say('botStopped', { people: list(deaf), count: deaf.length }),
            code: stopped,
            fix: say('allowBot'),
          },
        ]),
  ]
}

function list(people: readonly string[]): string {
  const named = people.slice(0, nameAtMost).join(', ')
  return people.length > nameAtMost ? `${named}, …` : named
}
