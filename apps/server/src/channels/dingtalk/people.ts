import type { DingtalkClient } from './client.ts'
import { isUnknownPerson } from './errors.ts'
import type { MemberIndex } from './member-index.ts'
import { type DingtalkAddress, FoundByMobile, FoundMember } from './wire.ts'

/**
 * The user id behind an address: a user id is checked, a mobile number looked up, an employee id found among the members.
 * Null where the platform knows nobody, or where two parts of the address are two people. Not counted in the quota.
 */
export async function findPerson(
  client: DingtalkClient,
  members: MemberIndex,
  address: DingtalkAddress,
): Promise<string | null> {
  const { userId, mobile, employeeId } = address
  const asked: Promise<string | null>[] = []
  if (userId !== undefined) asked.push(member(client, userId).then((found) => found?.userid ?? null))
  if (mobile !== undefined) asked.push(byMobile(client, mobile))
  if (employeeId !== undefined) asked.push(byEmployeeId(client, members, employeeId))
  const found = new Set(await Promise.all(asked))
  const [only] = found
  return found.size === 1 ? (only ?? null) : null
}

async function known<Found>(ask: Promise<Found>): Promise<Found | null> {
  try {
    return await ask
  } catch (error) {
    if (isUnknownPerson(error)) return null
    throw error
  }
}

async function member(client: DingtalkClient, userid: string) {
  const api = '/topapi/v2/user/get'
  const found = await known(client.callOld({ api, body: { userid }, answer: FoundMember }))
  return found?.result ?? null
}

async function byMobile(client: DingtalkClient, mobile: string): Promise<string | null> {
  // How numbers of other countries are written is not documented: our way first, then the number as it is.
  const written = mobileAsAsked(mobile)
  return (await byWrittenMobile(client, written)) ?? (written === mobile ? null : byWrittenMobile(client, mobile))
}

async function byWrittenMobile(client: DingtalkClient, mobile: string): Promise<string | null> {
  const body = { mobile, support_exclusive_account_search: true }
  const found = await known(client.callOld({ api: '/topapi/v2/user/getbymobile', body, answer: FoundByMobile }))
  if (found === null) return null
  const { userid, exclusive_account_userid_list: exclusive } = found.result
  if (userid !== undefined && userid !== '') return userid
  const [only] = exclusive ?? []
  return exclusive?.length === 1 ? (only ?? null) : null
}

/**
 * The platform cannot look up a job number. Organisations that make their members' accounts often choose it as user id,
 * which one call tells; otherwise the members are read. A user id that is somebody else's job number is no proof.
 */
async function byEmployeeId(client: DingtalkClient, members: MemberIndex, employeeId: string): Promise<string | null> {
  const sameId = await member(client, employeeId)
  if (sameId?.job_number === employeeId) return sameId.userid
  const indexed = await members.find(employeeId)
  if (indexed !== null) return indexed
  const hasOtherNumber = (sameId?.job_number ?? '') !== ''
  return sameId === null || hasOtherNumber || (await members.isAmbiguous(employeeId)) ? null : sameId.userid
}

/** Numbers of mainland China are known without country code, all others with it and without the plus. */
export function mobileAsAsked(mobile: string): string {
  const digits = mobile.replace(/\D/g, '')
  return /^861\d{10}$/.test(digits) ? digits.slice(2) : digits
}
