import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BY_MOBILE, done, type FakePlatform, oldRefusal, startFakePlatform, USER } from './_fake-platform.ts'
import { openExclusive, openStandard } from './_open.ts'

const SUB = '/topapi/v2/department/listsubid'
const LIST = '/topapi/v2/user/list'

let platform: FakePlatform
beforeEach(async () => {
  platform = await startFakePlatform()
  platform.on(USER, () => oldRefusal(33012))
  platform.on(BY_MOBILE, () => oldRefusal(60121))
})
afterEach(async () => {
  await platform[Symbol.asyncDispose]()
})

interface Member {
  userid: string
  job_number?: string
}

function organisation(departments: Record<number, { children?: number[]; members: Member[] }>, pageSize = 100): void {
  platform.on(SUB, ({ body }) => done({ dept_id_list: departments[Number(body.dept_id)]?.children ?? [] }))
  platform.on(LIST, ({ body }) => {
    const members = departments[Number(body.dept_id)]?.members ?? []
    const from = Number(body.cursor)
    const list = members.slice(from, from + pageSize)
    const more = from + pageSize < members.length
    return done({ has_more: more, ...(more ? { next_cursor: from + pageSize } : {}), list })
  })
}

/** The platform refuses more than 20 calls to one API within a second. */
function limited(path: string): void {
  const answer = platform.handler(path)
  const calledAt: number[] = []
  platform.on(path, (call, response) => {
    const at = performance.now()
    calledAt.push(at)
    const isTooFast = calledAt.filter((earlier) => at - earlier < 1_000).length > 20
    return isTooFast ? oldRefusal(90018) : answer(call, response)
  })
}

it('many people can be looked up at once without calling faster than the platform allows', async () => {
  platform.on(BY_MOBILE, ({ body }) => done({ userid: `user-${body.mobile}` }))
  limited(BY_MOBILE)
  const numbers = Array.from({ length: 24 }, (_, index) => String(13800138000 + index))
  const found = await openStandard(platform).resolve(numbers.map((number) => ({ mobile: `+86${number}` })))
  expect(found).toEqual(numbers.map((number) => `user-${number}`))
})

describe('a mobile number', () => {
  it.each([
    ['+8613800138000', ['13800138000', '+8613800138000']],
    ['+6591234567', ['6591234567', '+6591234567']],
  ])('%s is asked for without plus first, of mainland China without country code', async (mobile, asked) => {
    await expect(openStandard(platform).resolve([{ mobile }])).resolves.toEqual([null])
    expect(platform.callsTo(BY_MOBILE).map(({ body }) => body.mobile)).toEqual(asked)
  })

  it('finds an exclusive account too, where it is the only one', async () => {
    platform.on(BY_MOBILE, () => done({ exclusive_account_userid_list: ['x1'] }))
    await expect(openStandard(platform).resolve([{ mobile: '+8613800138000' }])).resolves.toEqual(['x1'])
    platform.on(BY_MOBILE, () => done({ exclusive_account_userid_list: ['x1', 'x2'] }))
    await expect(openStandard(platform).resolve([{ mobile: '+8613800138000' }])).resolves.toEqual([null])
  })

  it('that belongs to somebody else than the user id finds nobody', async () => {
    platform.on(BY_MOBILE, () => done({ userid: 'alice' }))
    platform.on(USER, () => done({ userid: 'bob' }))
    const address = { mobile: '+8613800138000', userId: 'bob' }
    await expect(openStandard(platform).resolve([address])).resolves.toEqual([null])
    platform.on(BY_MOBILE, () => done({ userid: 'bob' }))
    await expect(openStandard(platform).resolve([address])).resolves.toEqual(['bob'])
  })
})

describe('an address that says nothing', () => {
  it.each([[{}], [null], ['alice'], [{ userId: 7 }]])('%j finds nobody and asks nothing', async (address) => {
    await expect(openStandard(platform).resolve([address])).resolves.toEqual([null])
    expect(platform.calls).toEqual([])
  })
})

describe('an employee id', () => {
  const address = { employeeId: 'E7' }

  it('that the organisation made the user id is found by one call', async () => {
    platform.on(USER, () => done({ userid: 'E7', job_number: 'E7' }))
    await expect(openExclusive(platform).resolve([address])).resolves.toEqual(['E7'])
    expect(platform.callsTo(LIST)).toEqual([])
  })

  it('is found among the members, department by department and page by page', async () => {
    organisation(
      {
        1: { children: [2, 3], members: [{ userid: 'boss', job_number: 'E1' }] },
        2: { members: [{ userid: 'a' }, { userid: 'b', job_number: '' }, { userid: 'c', job_number: 'E7' }] },
        // A department may be under two others, and a person in two departments.
        3: { children: [2], members: [{ userid: 'c', job_number: 'E7' }] },
      },
      2,
    )
    const channel = openExclusive(platform)
    await expect(channel.resolve([address, { employeeId: 'E1' }])).resolves.toEqual(['c', 'boss'])
    expect(platform.callsTo(SUB)).toHaveLength(3)
    await expect(channel.resolve([address])).resolves.toEqual(['c'])
    expect(platform.callsTo(SUB)).toHaveLength(3)
  })

  it('of two members is nobody’s', async () => {
    organisation({
      1: {
        members: [
          { userid: 'a', job_number: 'E7' },
          { userid: 'b', job_number: 'E7' },
        ],
      },
    })
    await expect(openExclusive(platform).resolve([address])).resolves.toEqual([null])
  })

  it('that is a user id without a job number is that member’s, unless others have the number', async () => {
    platform.on(USER, () => done({ userid: 'E7' }))
    organisation({ 1: { members: [{ userid: 'E7' }] } })
    await expect(openExclusive(platform).resolve([address])).resolves.toEqual(['E7'])
    organisation({ 1: { members: [{ userid: 'other', job_number: 'E7' }] } })
    await expect(openExclusive(platform).resolve([address])).resolves.toEqual(['other'])
    organisation({
      1: {
        members: [
          { userid: 'a', job_number: 'E7' },
          { userid: 'b', job_number: 'E7' },
        ],
      },
    })
    await expect(openExclusive(platform).resolve([address])).resolves.toEqual([null])
  })

  it('that is the user id of somebody with another job number is not theirs', async () => {
    platform.on(USER, () => done({ userid: 'E7', job_number: 'E9' }))
    organisation({ 1: { members: [{ userid: 'E7', job_number: 'E9' }] } })
    await expect(openExclusive(platform).resolve([address])).resolves.toEqual([null])
  })

  it('cannot be looked for without the right to read members, and says so', async () => {
    platform.on(SUB, () => oldRefusal(60011))
    await expect(openExclusive(platform).resolve([address])).rejects.toMatchObject({ kind: 'auth', code: '60011' })
  })
})
