import type { PermissionUse } from '@countersign/contracts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { type Finding, isOwnAnswer, notTold } from '#server/channels/finding.ts'
import { sharedPhrases } from '#server/channels/finding-phrases.ts'
import type { Phrase } from '#server/i18n/phrasebook.ts'
import { GrantedScopes } from '../wire.ts'
import { consolePage, type LarkPatient } from './patient.ts'
import { larkPhrases as say } from './phrases.ts'

/** `required`: without it no card arrives. `chatbot`: words to the bot. `buzz`: urgent reminders. The others can be done without. */
interface Permission {
  key: string
  /** Any of these is as good. */
  or?: readonly string[]
  for: PermissionUse
  /** Lark does not have it. */
  onlyFeishu?: boolean
}

/** As README.md lists them. */
const permissions: readonly Permission[] = [
  { key: 'contact:user.id:readonly', for: 'required' },
  { key: 'im:message:send_as_bot', or: ['im:message'], for: 'required' },
  { key: 'im:message.p2p_msg:readonly', or: ['im:message.p2p_msg'], for: 'chatbot' },
  { key: 'im:message.group_at_msg:readonly', or: ['im:message.group_at_msg'], for: 'chatbot' },
  { key: 'im:message.urgent', for: 'buzz' },
  { key: 'contact:department.organize:readonly', or: ['contact:contact:readonly_as_app'], for: 'directory' },
  { key: 'contact:contact.base:readonly', or: ['contact:contact:readonly_as_app'], for: 'directory' },
  { key: 'contact:department.base:readonly', or: ['contact:contact:readonly_as_app'], for: 'directory' },
  { key: 'contact:user.base:readonly', or: ['contact:contact:readonly_as_app'], for: 'directory' },
  { key: 'contact:user.email:readonly', for: 'directory' },
  { key: 'contact:user.phone:readonly', for: 'directory' },
  { key: 'contact:user.employee:readonly', for: 'directory' },
  { key: 'application:application:self_manage', for: 'doctor' },
  { key: 'contact:user.employee_id:readonly', for: 'unused' },
  { key: 'im:message', for: 'unused' },
  { key: 'im:message:send_multi_users', for: 'unused' },
  { key: 'im:resource', for: 'unused' },
  { key: 'docs:document.media:upload', for: 'unused', onlyFeishu: true },
]

/** What the app needs, or may be given, on this edition of the platform. */
export function larkPermissions(brand: LarkPatient['brand']): readonly Permission[] {
  return permissions.filter(({ onlyFeishu }) => onlyFeishu !== true || brand === 'feishu')
}

const call = 'GET /open-apis/application/v6/scopes'
const GRANTED = 1

/** What the app may do, against what it needs. Document: query the scopes that an organisation has granted. */
export async function examinePermissions(patient: LarkPatient): Promise<Finding[]> {
  const wanted = larkPermissions(patient.brand)
  let granted: Set<string>
  try {
    const { data } = await patient.client.get(GrantedScopes, '/open-apis/application/v6/scopes')
    const scopes = data.scopes ?? []
    granted = new Set(scopes.filter((scope) => scope.grant_status === GRANTED).map((scope) => scope.scope_name))
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    return [notInstalled(patient, error)]
  }
  return wanted.map((permission) => findingFor(patient, permission, granted))
}

function notInstalled(patient: LarkPatient, error: ChannelError): Finding {
  const finding = notTold({ id: 'permissions', call }, error)
  return isOwnAnswer(error) ? { ...finding, fix: say('publish'), link: consolePage(patient, 'version') } : finding
}

function findingFor(patient: LarkPatient, permission: Permission, granted: ReadonlySet<string>): Finding {
  const { key, or = [], for: use } = permission
  const id = `permission.${key}`
  const optional = use === 'required' || use === 'chatbot' ? {} : { optional: true }
  if ([key, ...or].some((each) => granted.has(each))) {
    return { id, status: 'ok', ...optional, evidence: sharedPhrases('granted', { call }) }
  }
  if (use === 'unused') return { id, status: 'ok', ...optional, evidence: sharedPhrases('notNeeded') }
  if (use === 'directory') return { id, status: 'ok', ...optional, evidence: sharedPhrases('onlyDirectory', { call }) }
  return {
    id,
    status: use === 'required' ? 'failed' : 'warning',
    ...optional,
    evidence: evidenceOf(use),
    fix: sharedPhrases('grant', { permission: key }),
    link: `${consolePage(patient, 'auth')}?q=${encodeURIComponent(key)}`,
  }
}

function evidenceOf(use: PermissionUse): Phrase {
  if (use === 'doctor') return say('doctorBlind', { call })
  return use === 'buzz' ? say('noBuzz', { call }) : sharedPhrases('notGranted', { call })
}
