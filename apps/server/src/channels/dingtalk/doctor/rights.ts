import type { PermissionUse } from '@countersign/contracts'
import { z } from 'zod'
import type { Finding } from '#server/channels/finding.ts'
import { sharedPhrases } from '#server/channels/finding-phrases.ts'
import { cardRight, robotRight } from './counted.ts'
import type { DingtalkPatient } from './patient.ts'
import { dingtalkPhrases as say } from './phrases.ts'
import { probe, rightFinding } from './probe.ts'

/** Nobody has it, and the platform says so only to those who may ask. */
const NOBODY = 'countersign-doctor'
const ROOT_DEPARTMENT = 1

interface FreeProbe {
  key: string
  method?: 'GET'
  api: string
  body?: object
  onlyFor?: DingtalkPatient['edition']
  /** Elsewhere it is for reading the directory, and can be done without. */
  isForDirectory?: boolean
}

/** Of the old host; none is counted. */
const freeProbes: readonly FreeProbe[] = [
  { key: 'qyapi_base', method: 'GET', api: '/auth/scopes' },
  { key: 'qyapi_get_member', api: '/topapi/v2/user/get', body: { userid: NOBODY } },
  {
    key: 'qyapi_get_member_by_mobile',
    api: '/topapi/v2/user/getbymobile',
    body: { mobile: '0' },
    onlyFor: 'dingtalk',
  },
  {
    key: 'qyapi_get_department_list',
    api: '/topapi/v2/department/listsubid',
    body: { dept_id: ROOT_DEPARTMENT },
    onlyFor: 'dingtalkExclusive',
    isForDirectory: true,
  },
  {
    key: 'qyapi_get_department_member',
    api: '/topapi/v2/user/list',
    body: { dept_id: ROOT_DEPARTMENT, cursor: 0, size: 1 },
    onlyFor: 'dingtalkExclusive',
    isForDirectory: true,
  },
]
/** Of fields of the directory: whether they are there shows only when it is read. */
const fieldRights = ['fieldMobile', 'fieldEmail']
/** Used with tokens of people alone. */
const loginRights = ['open_app_api_base', 'Contact.User.Read']
/** Named by Alibaba Cloud's guides, and used by nothing here. */
const unusedRights = ['snsapi_base', 'qyapi_chat_manage', 'Card.Streaming.Write']

const Anything = z.object({})

/** Every right of which something is found out here or by calls that count. */
export function dingtalkRights(edition: DingtalkPatient['edition']): { key: string; use: PermissionUse }[] {
  const needed = freeProbes.filter(({ onlyFor }) => onlyFor === undefined || onlyFor === edition)
  const required = [cardRight, robotRight, ...needed.map(({ key }) => key), ...loginRights]
  const forDirectory = freeProbes.filter((each) => each.isForDirectory === true && !needed.includes(each))
  return [
    ...required.map((key) => ({ key, use: 'required' as const })),
    ...[...forDirectory.map(({ key }) => key), ...fieldRights].map((key) => ({ key, use: 'directory' as const })),
    ...unusedRights.map((key) => ({ key, use: 'unused' as const })),
  ]
}

/** The rights that cost nothing to ask for, those that cannot be asked for, and those that need not be. */
export async function examineRights(patient: DingtalkPatient): Promise<Finding[]> {
  const asked = freeProbes.map(async (each) => {
    const { key, api, body, onlyFor, isForDirectory } = each
    const method = each.method ?? ('POST' as const)
    const isUnused = onlyFor !== undefined && onlyFor !== patient.edition
    const probed = await probe(() => patient.client.callOld({ method, api, body, answer: Anything }))
    const use = !isUnused ? 'required' : isForDirectory === true ? 'directory' : 'unused'
    return rightFinding(patient, { key, call: `${method} ${api}`, use }, probed)
  })
  return [
    ...(await Promise.all(asked)),
    ...loginRights.map(
      (key): Finding => ({
        id: `permission.${key}`,
        status: 'unknown',
        evidence: say('loginRight'),
        fix: say('loginOnce', { permission: key }),
      }),
    ),
    ...unusedRights.map(
      (key): Finding => ({
        id: `permission.${key}`,
        status: 'unknown',
        optional: true,
        evidence: sharedPhrases('notAsked'),
      }),
    ),
  ]
}
