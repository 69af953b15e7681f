import type { SmsSettings } from '@countersign/contracts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { accepted, type Examination, type Finding, isOwnAnswer, notTold, refused } from '#server/channels/finding.ts'
import { examineClock } from '#server/channels/platform-clock.ts'
import type { SmsClient } from '../client.ts'
import { areKeysRefused } from '../errors.ts'
import { SmsSign, SmsTemplate } from '../wire.ts'
import { type Asked, askService, consolePages, judge } from './judge.ts'
import { smsPhrases as say } from './phrases.ts'

/** A signed call may be so old. Source: request signing V3. */
const toleratedMs = 15 * 60 * 1_000

/* `TemplateType` of GetSmsTemplate. */
const codeType = 0
const noticeType = 1

const noticeVariables = ['number', 'title', 'status', 'name']

export interface SmsPatient {
  settings: SmsSettings
  /** Of the mainland's service; calls nothing once the examination was given up. */
  client: SmsClient
  /** Epoch milliseconds. */
  now: () => number
}

/** Whether the keys work, and signature and templates are approved. Sends nothing, costs nothing. Documents: README.md. */
export async function* examineSms(patient: SmsPatient, _examination: Examination): AsyncGenerator<Finding> {
  const { client, settings, now } = patient
  yield await examineClock(`${settings.endpoint}/`, { toleratedMs, now })
  const credentials = { id: 'credentials', call: 'GetSmsSign' }
  let sign: Asked<SmsSign>
  try {
    sign = await askService(client, 'GetSmsSign', { SignName: settings.signName }, SmsSign)
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    const more = { fix: say('checkKeys'), link: consolePages.keys }
    const isRefusal = isOwnAnswer(error) && areKeysRefused(error.code)
    yield isRefusal ? refused(credentials, error, more) : notTold(credentials, error)
    return
  }
  yield accepted(credentials)
  const { signName, codeTemplate, noticeTemplate } = settings
  yield judge(
    { id: 'sms_signature', call: 'GetSmsSign', name: signName, page: consolePages.signs },
    sign,
    ({ SignStatus, AuditInfo }) => ({
      state: SignStatus,
      reason: AuditInfo?.RejectInfo,
    }),
  )
  yield await examineTemplate(patient, { id: 'sms_code_template', name: codeTemplate, type: codeType, known: ['code'] })
  yield await examineTemplate(patient, {
    ...{ id: 'sms_notice_template', name: noticeTemplate, type: noticeType, known: noticeVariables },
  })
  yield {
    id: 'sms_international',
    status: 'unknown',
    optional: true,
    evidence: say('internationalHidden'),
    fix: say('sendAbroad'),
  }
}

interface WantedTemplate {
  id: string
  name: string
  type: number
  /** The variables that we can fill. */
  known: readonly string[]
}

async function examineTemplate({ client }: SmsPatient, { id, name, type, known }: WantedTemplate): Promise<Finding> {
  const question = { id, call: 'GetSmsTemplate', name, page: consolePages.templates }
  let asked: Asked<SmsTemplate>
  try {
    asked = await askService(client, 'GetSmsTemplate', { TemplateCode: name }, SmsTemplate)
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    return notTold(question, error)
  }
  const finding = judge(question, asked, ({ TemplateStatus, AuditInfo }) => ({
    state: TemplateStatus,
    reason: AuditInfo?.RejectInfo,
  }))
  if (finding.status !== 'ok' || !('answer' in asked)) return finding
  const { TemplateType, TemplateContent } = asked.answer
  const more = { fix: say('chooseTemplate'), link: consolePages.templates }
  if (TemplateType !== undefined && TemplateType !== type) {
    const evidence = say('otherType', { call: question.call, name, type: TemplateType, wanted: type })
    return { id, status: 'failed', evidence, ...more }
  }
  const used = [...(TemplateContent ?? '').matchAll(/\$\{(\w+)\}/g)].map(([, variable = '']) => variable)
  const unknown = used.filter((variable) => !known.includes(variable))
  if (unknown.length > 0) {
    const evidence = say('unknownVariables', {
      call: question.call,
      name,
      variables: unknown.join(', '),
      known: known.join(', '),
    })
    return { id, status: 'failed', evidence, ...more }
  }
  if (type === codeType && TemplateContent !== undefined && !used.includes('code')) {
    return { id, status: 'failed', evidence: say('noCode', { call: question.call, name }), ...more }
  }
  return finding
}
