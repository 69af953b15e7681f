import { ChannelError } from '#server/channels/channel-error.ts'
import {
  accepted,
  ask,
  asTheyCome,
  type Examination,
  type Finding,
  isOwnAnswer,
  notTold,
  refused,
} from '#server/channels/finding.ts'
import { examineClock } from '#server/channels/platform-clock.ts'
import { Opened, subscriptions } from '../stream/frames.ts'
import { CorpToken } from '../wire.ts'
import { examineCounted, templateVariables } from './counted.ts'
import { type DingtalkPatient, developerConsole } from './patient.ts'
import { examinePeople } from './people.ts'
import { dingtalkPhrases as say } from './phrases.ts'
import { examineRights } from './rights.ts'

/** Everything that DingTalk lets an app find out about itself. Documents: README.md. */
export async function* examineDingtalk(patient: DingtalkPatient, examination: Examination): AsyncGenerator<Finding> {
  const { client, settings } = patient
  const toleratedMs = settings.callbackToleranceSeconds * 1_000
  yield await examineClock(`${settings.apiUrl}/`, { toleratedMs, now: patient.now })
  const question = { id: 'credentials', call: 'POST /v1.0/oauth2/accessToken' }
  try {
    await client.authenticate()
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    const more = { fix: say('checkCredentials'), link: developerConsole }
    yield isOwnAnswer(error) ? refused(question, error, more) : notTold(question, error)
    return
  }
  yield accepted(question)
  yield* [templateVariables(), redirectUrl(examination)]
  yield* asTheyCome([
    examineOrganisation(patient).then((finding) => [finding]),
    examinePublished(patient).then((finding) => [finding]),
    examineRights(patient),
    examineCounted(patient, examination),
    examinePeople(patient, examination),
  ])
}

/** A token for the organisation by its id is given to apps of that organisation alone. */
async function examineOrganisation({ client, settings }: DingtalkPatient): Promise<Finding> {
  const { corpId, appKey, appSecret } = settings
  const api = `/v1.0/oauth2/${encodeURIComponent(corpId)}/token`
  const question = { id: 'internal_organisation', call: 'POST /v1.0/oauth2/{corpId}/token' }
  const body = { client_id: appKey, client_secret: appSecret, grant_type: 'client_credentials' }
  return ask(question, () => client.callAs(null, { api, body, answer: CorpToken }), {
    answer: () => ({
      id: question.id,
      status: 'ok',
      evidence: say('ownOrganisation', { call: question.call, corpId }),
    }),
    refusal: (error) => {
      if (error.code !== 'unauthorized.client' && error.code !== 'invalid.client') return null
      const { code } = error
      const evidence = say('otherOrganisation', { call: question.call, corpId, code })
      const more = { fix: say('copyCorpId'), link: developerConsole }
      return { id: question.id, status: 'failed', evidence, code, ...more }
    },
  })
}

/** The gateway of Stream connections takes no app of which no version was ever published. Its address is not used. */
async function examinePublished({ client, settings }: DingtalkPatient): Promise<Finding> {
  const { appKey, appSecret } = settings
  const api = '/v1.0/gateway/connections/open'
  const question = { id: 'app_published', call: `POST ${api}` }
  const body = { clientId: appKey, clientSecret: appSecret, subscriptions, ua: 'countersign', localIp: '127.0.0.1' }
  return ask(question, () => client.callAs(null, { api, body, answer: Opened }), {
    answer: () => ({ id: question.id, status: 'ok', evidence: say('gatewayOpen', { call: question.call }) }),
    refusal: (error) => {
      if (error.code !== 'authFailed') return null
      const evidence = say('neverPublished', { call: question.call, code: error.code })
      return { ...refused(question, error), evidence, fix: say('publish'), link: developerConsole }
    },
  })
}

function redirectUrl({ publicUrl }: Examination): Finding {
  const wanted = `${publicUrl}/console/mobile/index/`
  const more = { fix: say('compareRedirect', { wanted }), link: developerConsole }
  return { id: 'redirect_url', status: 'unknown', evidence: say('redirectHidden'), ...more }
}
