import { ChannelError } from '#server/channels/channel-error.ts'
import type { Examination, Finding } from '#server/channels/finding.ts'
import { notTold } from '#server/channels/finding.ts'
import { isUnknownPerson } from '../errors.ts'
import { FoundMember } from '../wire.ts'
import { type DingtalkPatient, developerConsole } from './patient.ts'
import { dingtalkPhrases as say } from './phrases.ts'

/** Enough to meet a range that is too narrow, few enough to be asked in two seconds. */
const MOST_ASKED = 20
const outOfRange = '50002'
const api = '/topapi/v2/user/get'
const question = { id: 'visible_range', call: `POST ${api}` }

/** Whether the app may see people of whom we know the account. None of these calls is counted. */
export async function examinePeople({ client }: DingtalkPatient, { people }: Examination): Promise<Finding[]> {
  const asked = people.slice(0, MOST_ASKED)
  const outside: string[] = []
  const gone: string[] = []
  for (const { uid, platformUserId } of asked) {
    try {
      await client.callOld({ api, body: { userid: platformUserId }, answer: FoundMember })
    } catch (error) {
      if (!(error instanceof ChannelError)) throw error
      if (error.code === outOfRange) outside.push(uid)
      else if (isUnknownPerson(error)) gone.push(uid)
      else return [notTold(question, error)]
    }
  }
  return [rangeFinding(asked.length, outside, gone.length), ...(gone.length === 0 ? [] : [goneFinding(gone)])]
}

function rangeFinding(asked: number, outside: readonly string[], gone: number): Finding {
  const { id, call } = question
  if (outside.length > 0) {
    const evidence = say('outsideRange', { call, people: outside.join(', '), count: outside.length })
    return { id, status: 'failed', evidence, code: outOfRange, fix: say('widenRange'), link: developerConsole }
  }
  const count = asked - gone
  if (count === 0) return { id, status: 'unknown', evidence: say('nobodyKnown'), fix: say('sendOne') }
  return { id, status: 'ok', evidence: say('insideRange', { call, count }) }
}

function goneFinding(gone: readonly string[]): Finding {
  const evidence = say('peopleGone', { call: question.call, people: gone.join(', '), count: gone.length })
  return { id: 'people_gone', status: 'warning', evidence, fix: say('bindAnew') }
}
