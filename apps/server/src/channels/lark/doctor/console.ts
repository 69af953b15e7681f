import type { z } from 'zod'
import { callbackAddress } from '#server/channels/callback-address.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { type Examination, type Finding, isOwnAnswer, notTold } from '#server/channels/finding.ts'
import type { Phrase } from '#server/i18n/phrasebook.ts'
import { isSameSecret } from '../verify.ts'
import { AppConfiguration } from '../wire.ts'
import { consolePage, type LarkPatient } from './patient.ts'
import { larkPhrases as say } from './phrases.ts'
import { examineSecrets } from './secrets.ts'

const call = 'GET /open-apis/application/v6/applications/me'
type Configuration = z.infer<typeof AppConfiguration>['data']['app']

/**
 * What an administrator has set in the console, as far as the platform shows it to the app: only with the permission
 * `application:application:self_manage`. The answer may hold secrets: nothing of it is kept or logged.
 */
export async function examineConsole(patient: LarkPatient, examination: Examination): Promise<Finding[]> {
  const configuration = await read(patient)
  if (configuration instanceof ChannelError) {
    const unseen = unseenFindings(patient, configuration)
    return [...unseen, ...examineSecrets(patient, examination, null)]
  }
  const { encryption } = configuration
  const shown = {
    encryptKey: matches(encryption?.encryption_key, patient.encryptKey),
    verificationToken: matches(encryption?.verification_token, patient.verificationToken),
  }
  return [
    ...subscriptions(patient, configuration, examination),
    ...addresses(patient, configuration, examination),
    ...examineSecrets(patient, examination, shown),
  ]
}

async function read({ client }: LarkPatient): Promise<Configuration | ChannelError> {
  try {
    const { data } = await client.get(AppConfiguration, '/open-apis/application/v6/applications/me?lang=en_us')
    return data.app
  } catch (error) {
    if (error instanceof ChannelError) return error
    throw error
  }
}

/** Null where the console shows nothing. */
function matches(theirs: string | null | undefined, ours: string | null): boolean | null {
  if (theirs === undefined || theirs === null) return null
  return isSameSecret(theirs, ours ?? '')
}

function unseenFindings(patient: LarkPatient, error: ChannelError): Finding[] {
  const ids = ['card_callback', 'message_event', 'redirect_url', 'trusted_domain']
  if (!isOwnAnswer(error)) return ids.map((id) => notTold({ id, call }, error))
  const { code, message } = error
  const link = `${consolePage(patient, 'auth')}?q=application%3Aapplication%3Aself_manage`
  const evidence = say('consoleHidden', { call, code, message })
  return ids.map((id) => ({ id, status: 'unknown', evidence, code, fix: say('showConsole'), link }))
}

interface Subscription {
  id: string
  what: string
  mode: string | null | undefined
  url: string | null | undefined
  /** Undefined where the platform does not tell. */
  subscribed: readonly string[] | null | undefined
}

function subscriptions(patient: LarkPatient, configuration: Configuration, { publicUrl }: Examination): Finding[] {
  const { event } = configuration
  const callback = configuration.callback_info ?? configuration.callback
  const wanted: Subscription[] = [
    {
      id: 'card_callback',
      what: 'card.action.trigger',
      mode: callback?.callback_type,
      url: callback?.request_url,
      subscribed: callback?.subscribed_callbacks,
    },
    {
      id: 'message_event',
      what: 'im.message.receive_v1',
      mode: event?.subscription_type,
      url: event?.request_url,
      subscribed: event?.subscribed_events,
    },
  ]
  return wanted.map((subscription) => subscriptionFinding(patient, subscription, publicUrl))
}

function subscriptionFinding(patient: LarkPatient, subscription: Subscription, publicUrl: string): Finding {
  const { id, what, mode, url, subscribed } = subscription
  const link = consolePage(patient, 'event')
  const { connection, appId } = patient.settings
  const ours = callbackAddress(publicUrl, patient.brand, appId)
  const wanted = connection === 'long-connection' ? 'websocket' : 'webhook'
  // Without words to the bot cards still work.
  const status = id === 'card_callback' ? 'failed' : 'warning'
  const wrong = (evidence: Phrase, fix: Phrase): Finding => ({ id, status, evidence, fix, link })
  const notShown: Finding = { id, status: 'unknown', evidence: say('notShown', { call }), link }
  if ([mode, url, subscribed].every((part) => part === undefined || part === null)) return notShown
  if (typeof mode === 'string' && mode !== wanted) {
    return wrong(say('otherMode', { call, mode, wanted }), say('chooseMode', { wanted }))
  }
  if (wanted === 'webhook' && url !== ours) {
    const evidence = url ? say('otherAddress', { call, url }) : say('noAddress', { call })
    return wrong(evidence, say('setAddress', { url: ours }))
  }
  if (subscribed === undefined || subscribed === null) return notShown
  if (!subscribed.includes(what)) return wrong(say('notSubscribed', { call, what }), say('subscribe', { what }))
  return { id, status: 'ok', evidence: say('subscribed', { call, what }) }
}

function addresses(patient: LarkPatient, { security }: Configuration, { publicUrl }: Examination): Finding[] {
  const link = consolePage(patient, 'safe')
  const home = `${publicUrl}/console/mobile/index/`
  const { origin, host } = new URL(publicUrl)
  const finding = (id: string, list: readonly string[] | null | undefined, accepted: readonly string[]): Finding => {
    const wanted = accepted[0] ?? ''
    if (list === undefined || list === null) {
      return { id, status: 'unknown', evidence: say('notShown', { call }), link }
    }
    if (accepted.some((each) => list.includes(each))) {
      return { id, status: 'ok', evidence: say('listed', { call, wanted }) }
    }
    return {
      id,
      status: 'failed',
      evidence: say('notListed', { call, wanted }),
      fix: say('addToList', { wanted }),
      link,
    }
  }
  return [
    finding('redirect_url', security?.redirect_urls, [home]),
    finding('trusted_domain', security?.h5_trusted_domains, [origin, host]),
  ]
}
