import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { type Examination, type Finding, type Fix, notAsked, notTold, refused } from '#server/channels/finding.ts'
import { isUnusableTemplate } from '../errors.ts'
import { Done } from '../wire.ts'
import { cardPlatform, type DingtalkPatient, developerConsole } from './patient.ts'
import { dingtalkPhrases as say } from './phrases.ts'
import { type Probed, probe, rightFinding } from './probe.ts'

/* What can only be asked by calls that count: one for the template, one for the robot, one for work notifications. */

const Anything = z.object({})
export const cardRight = 'Card.Instance.Write'
export const robotRight = 'qyapi_robot_sendmsg'
/** The platform gave it to no message. */
const NO_MESSAGE = 'countersign-doctor'
const NO_TASK = 1
const unknownAgent = '40056'

const importFix: Fix = {
  ...{ cli: say('importTemplate'), api: say('importTemplate') },
  console: say('importDownloaded'),
}
const compareFix: Fix = {
  ...{ cli: say('compareVariables'), api: say('compareVariables') },
  console: say('compareDownloaded'),
}

export async function examineCounted(patient: DingtalkPatient, { maySpendCalls }: Examination): Promise<Finding[]> {
  if (!maySpendCalls) {
    const ids = [`permission.${cardRight}`, 'card_template', `permission.${robotRight}`, 'robot']
    return [...ids, ...(patient.agentId === null ? [] : ['work_notifications'])].map(notAsked)
  }
  const findings = await Promise.all([examineTemplate(patient), examineRobot(patient), examineAgent(patient)])
  return findings.flat()
}

/** Makes a card that is shown to nobody. */
async function examineTemplate(patient: DingtalkPatient): Promise<Finding[]> {
  const { client, settings, callbackRouteKey } = patient
  const question = { id: 'card_template', call: 'POST /v1.0/card/instances' }
  const body = {
    cardTemplateId: settings.cardTemplateId,
    // A card of the same id would be found there, and its template not looked at.
    outTrackId: `countersign-doctor-${randomUUID()}`,
    cardData: { cardParamMap: { title: 'doctor', status: 'expired' } },
    ...(settings.connection === 'stream' ? { callbackType: 'STREAM' } : { callbackType: 'HTTP', callbackRouteKey }),
  }
  const probed = await probe(() => client.callNew({ api: '/v1.0/card/instances', body, answer: Done, isCounted: true }))
  return [rightFinding(patient, { key: cardRight, call: question.call }, probed), templateFinding(question, probed)]
}

function templateFinding(question: { id: string; call: string }, { error }: Probed): Finding {
  const { id, call } = question
  if (error === null) return { id, status: 'ok', evidence: say('templateFound', { call }) }
  if (!isUnusableTemplate(error)) return notTold(question, error)
  return refused(question, error, { fix: importFix, link: cardPlatform })
}

/** Asks who has read a message that was never sent. */
async function examineRobot(patient: DingtalkPatient): Promise<Finding[]> {
  const { client, settings } = patient
  const api = '/v1.0/robot/oToMessages/readStatus'
  const question = { id: 'robot', call: `GET ${api}` }
  const query = new URLSearchParams({ robotCode: settings.robotCode, processQueryKey: NO_MESSAGE })
  const probed = await probe(() =>
    client.callNew({ method: 'GET', api: `${api}?${query}`, answer: Anything, isCounted: true }),
  )
  return [rightFinding(patient, { key: robotRight, call: question.call }, probed), robotFinding(question, probed)]
}

function robotFinding(question: { id: string; call: string }, { answered, error }: Probed): Finding {
  const { id, call } = question
  if (!answered) return notTold(question, error)
  const isRobotRefused = error !== null && /^(invalidParameter\.robotCode\.|bot\.stopped|resource\.)/.test(error.code)
  if (!isRobotRefused) return { id, status: 'ok', evidence: say('robotFound', { call }) }
  return refused(question, error, { fix: say('copyRobotCode'), link: developerConsole })
}

/** Asks what became of a work notification that was never sent. */
async function examineAgent({ client, agentId }: DingtalkPatient): Promise<Finding[]> {
  if (agentId === null) return []
  const api = '/topapi/message/corpconversation/getsendresult'
  const question = { id: 'work_notifications', call: `POST ${api}` }
  const body = { agent_id: agentId, task_id: NO_TASK }
  const { answered, error } = await probe(() => client.callOld({ api, body, answer: Anything, isCounted: true }))
  if (!answered) return [notTold(question, error)]
  if (error?.code !== unknownAgent) {
    return [{ id: question.id, status: 'ok', evidence: say('agentFound', { call: question.call }) }]
  }
  // The last of three ways to reach somebody: the others go on.
  const more = { status: 'warning' as const, fix: say('copyAgentId'), link: developerConsole }
  return [refused(question, error, more)]
}

/** For the finding about what nobody can ask. */
export function templateVariables(): Finding {
  return {
    id: 'card_template_variables',
    status: 'unknown',
    evidence: say('variablesHidden'),
    fix: compareFix,
    link: cardPlatform,
  }
}
