import { ChannelError } from '#server/channels/channel-error.ts'
import { accepted, type Finding, notTold, refused } from '#server/channels/finding.ts'
import { BotInfo } from '../wire.ts'
import { consolePage, type LarkPatient } from './patient.ts'
import { larkPhrases as say } from './phrases.ts'

/* Document: obtain bot information, with the states of an app in an organisation. */
const inUse = 2
/** In use, while a newer version waits for the administrator. */
const upgradeWaits = 4

/* General error codes. */
const noBotCodes = ['11205', '230006']
const notInUseCodes = ['11207', '99991662', '99991673']

const question = { id: 'bot', call: 'GET /open-apis/bot/v3/info' }

/** Whether the app has a bot, and a version that the organisation uses. */
export async function examineBot(patient: LarkPatient): Promise<Finding[]> {
  try {
    const { bot } = await patient.client.get(BotInfo, '/open-apis/bot/v3/info')
    const hasBot = { ...accepted(question), evidence: say('hasBot', { call: question.call }) }
    return [hasBot, published(patient, bot.activate_status)]
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    return refusedFindings(patient, error)
  }
}

function refusedFindings(patient: LarkPatient, error: ChannelError): Finding[] {
  const { code } = error
  const state = { id: 'app_published', code }
  if (notInUseCodes.includes(code)) {
    const more = { fix: say('publish'), link: consolePage(patient, 'version') }
    return [notTold(question, error), refused({ ...question, id: state.id }, error, more)]
  }
  const unknownState: Finding = { ...state, status: 'unknown', evidence: say('noBotNoState', { call: question.call }) }
  if (!noBotCodes.includes(code)) return [notTold(question, error), unknownState]
  const more = { fix: say('addBot'), link: consolePage(patient, 'bot') }
  return [refused(question, error, more), unknownState]
}

function published(patient: LarkPatient, state: number | undefined): Finding {
  const id = 'app_published'
  const more = { fix: say('publish'), link: consolePage(patient, 'version') }
  if (state === undefined) return { id, status: 'unknown', evidence: say('noState', { call: question.call }), ...more }
  const values = { call: question.call, state }
  const code = String(state)
  if (state === inUse) return { id, status: 'ok', evidence: say('published', values), code }
  const status = state === upgradeWaits ? 'warning' : 'failed'
  return { id, status, evidence: say('notPublished', values), code, ...more }
}
