import { describe, expect, it } from 'vitest'
import { account, inDirectory, input, inTenant, planned } from './_world.ts'
import { fitUid } from './new-uid.ts'
import { planSync } from './plan.ts'

const admin = inTenant('root', { roles: ['admin'] })

describe('somebody of the directory', () => {
  it('is known by the account first, then by employee id, e-mail, mobile number, and never by name', () => {
    const bob = inTenant('bob', { name: 'Bob', employee_id: 'E1', email: 'bob@acme.test', mobile: '+6591234567' })
    expect(planned([inDirectory('a', { name: 'Robert' })], [bob], [account('bob', 'a')])).toEqual([
      { account: 'a', uid: 'bob', changes: ['name'] },
    ])
    for (const by of [{ employeeId: 'E1' }, { email: 'BOB@acme.test' }, { mobile: '+6591234567' }]) {
      expect(planned([inDirectory('a', by)], [bob])).toEqual([{ account: 'a', uid: 'bob', binds: true }])
    }
    expect(planned([inDirectory('a', { name: 'Bob' })], [bob])).toMatchObject([{ isNew: true }])
  })

  it('is not known by an e-mail address that they may have typed in themself', () => {
    const bob = inTenant('bob', { email: 'bob@acme.test' })
    const person = inDirectory('a', { email: 'bob@acme.test', isEmailProven: false })
    expect(planned([person], [bob])).toEqual([
      { account: 'a', uid: 'a', isNew: true, binds: true, notes: ['field_of_another'] },
    ])
  })

  it('is added with what the directory says that can be used, and with no role', () => {
    const person = inDirectory('a', { name: ' Ann ', email: 'ann@acme.test', mobile: '+1', employeeId: 'E9' })
    const [row] = planSync(input([person], [admin])).rows
    expect(row).toMatchObject({
      isNew: true,
      uid: 'E9',
      notes: ['field_unusable'],
      binding: { address: { userId: 'a' } },
    })
    expect(row?.after).toMatchObject({
      name: 'Ann',
      email: 'ann@acme.test',
      mobile: null,
      roles: '["user"]',
      disabled: 0,
    })
  })

  it('who is not said to have something keeps it', () => {
    const bob = inTenant('bob', { name: 'Bob', email: 'bob@acme.test', mobile: '+6591234567', employee_id: 'E1' })
    expect(planned([inDirectory('a')], [bob], [account('bob', 'a')])).toEqual([{ account: 'a', uid: 'bob' }])
  })

  it('is left alone where the provisioning file has them, or they are disabled here', () => {
    const filed = inTenant('filed', { provisioned: 1, employee_id: 'E1' })
    const off = inTenant('off', { disabled: 1, employee_id: 'E2' })
    const people = [
      inDirectory('a', { name: 'New', employeeId: 'E1' }),
      inDirectory('b', { name: 'B', employeeId: 'E2' }),
    ]
    expect(planned(people, [filed, off])).toEqual([
      { account: 'a', uid: 'filed', binds: true, notes: ['provisioned'] },
      { account: 'b', uid: 'off', notes: ['disabled'] },
    ])
  })

  it('who is bound by an address that leads to them is known by it, whoever wrote the address', () => {
    const bob = inTenant('bob', { roles: ['dba'] })
    const bound = (address: Record<string, string>) => account('bob', null, { address, isProvisioned: true })
    const person = inDirectory('a', { employeeId: 'E1', mobile: '+6591234567' })
    expect(planned([person], [bob], [bound({ employeeId: 'E1' })])).toMatchObject([{ uid: 'bob', binds: true }])
    // Half of an address is not the whole of it.
    expect(planned([person], [bob], [bound({ employeeId: 'E1', mobile: '+6500000000' })])).toMatchObject([
      { uid: 'bob', notes: expect.arrayContaining(['provisioned_address']) },
    ])
  })
})

describe('a conflict', () => {
  const ann = inTenant('ann', { employee_id: 'E1' })
  const bob = inTenant('bob', { email: 'bob@acme.test' })

  it('is somebody whom account, employee id and e-mail say differently', () => {
    expect(planned([inDirectory('a', { email: 'bob@acme.test' })], [ann, bob], [account('ann', 'a')])).toEqual([
      { account: 'a', uid: null, conflict: 'different_people', candidates: ['ann', 'bob'] },
    ])
    expect(planned([inDirectory('a', { employeeId: 'E1', email: 'bob@acme.test' })], [ann, bob])).toMatchObject([
      { conflict: 'different_people', candidates: ['ann', 'bob'] },
    ])
  })

  it('is what several people have alike; a shared mobile number alone keeps nobody from being known', () => {
    const twin = inTenant('twin', { employee_id: 'E1', mobile: '+6591234567' })
    expect(planned([inDirectory('a', { employeeId: 'E1' })], [ann, twin])).toMatchObject([
      { conflict: 'several_people', candidates: ['ann', 'twin'] },
    ])
    const shared = inDirectory('a', { employeeId: 'E7', mobile: '+6591234567' })
    expect(planned([shared], [inTenant('carol', { employee_id: 'E7' }), twin])).toMatchObject([
      { uid: 'carol', notes: ['field_of_another'] },
    ])
  })

  it('is an account in the place of another, or one that two people claim', () => {
    expect(planned([inDirectory('b', { employeeId: 'E1' })], [ann], [account('ann', 'a')])).toEqual([
      { account: 'b', uid: 'ann', conflict: 'other_account', candidates: ['ann'] },
    ])
    const row = { uid: 'ann', addressDigest: '{}' }
    const unclaimed = [{ platformUserId: 'a', claims: ['ann', 'bob'], row }]
    expect(planned([inDirectory('a')], [ann, bob], [], { unclaimed })).toMatchObject([
      { conflict: 'contested', candidates: ['ann', 'bob'] },
    ])
  })

  it('is an account that would let its owner act with a role', () => {
    const dba = inTenant('dba', { employee_id: 'E1', roles: ['user', 'dba'] })
    const people = [inDirectory('a', { employeeId: 'E1' })]
    expect(planned(people, [dba])).toMatchObject([{ conflict: 'has_role', candidates: ['dba'] }])
    expect(planned(people, [dba], [], { resolutions: new Map([['a', 'dba']]) })).toEqual([
      { account: 'a', uid: 'dba', binds: true, notes: ['resolved'] },
    ])
  })

  it('is two accounts for one person, but for the one that they have', () => {
    const people = [inDirectory('a', { employeeId: 'E1' }), inDirectory('b', { mobile: '+6591234567' })]
    const carol = inTenant('carol', { employee_id: 'E1', mobile: '+6591234567' })
    expect(planned(people, [carol])).toMatchObject([{ conflict: 'two_accounts' }, { conflict: 'two_accounts' }])
    expect(planned(people, [carol], [account('carol', 'a')])).toMatchObject([
      { account: 'a', uid: 'carol' },
      { account: 'b', conflict: 'other_account' },
    ])
  })

  it('is two new people who say the same of themselves', () => {
    const people = [inDirectory('a', { employeeId: 'E1' }), inDirectory('b', { employeeId: 'E1' })]
    expect(planned(people, [admin])).toMatchObject([
      { conflict: 'same_in_directory', candidates: [] },
      { conflict: 'same_in_directory', candidates: [] },
    ])
  })

  it('ends as an administrator says, among those whom anything points to, and nobody else', () => {
    const people = [inDirectory('a', { email: 'bob@acme.test' })]
    const accounts = [account('ann', 'a')]
    const say = (uid: string) => ({ resolutions: new Map([['a', uid]]) })
    expect(planned(people, [ann, bob], accounts, say('bob'))).toEqual([
      { account: 'a', uid: 'bob', binds: true, takenFrom: 'ann', notes: ['resolved'] },
    ])
    expect(planned(people, [ann, bob], accounts, say('ann'))).toEqual([
      { account: 'a', uid: 'ann', notes: ['resolved', 'field_of_another'] },
    ])
    expect(planned(people, [ann, bob, admin], accounts, say('root'))).toMatchObject([{ conflict: 'different_people' }])
    // What the file says of an account nobody overrules here.
    const filed = [account('ann', 'a', { isProvisioned: true })]
    expect(planned(people, [ann, bob], filed, say('bob'))).toMatchObject([
      { conflict: 'other_account', candidates: [] },
    ])
  })
})

describe('whoever is gone', () => {
  const bob = inTenant('bob')

  it('is shown where all of the directory was seen, and their account is not in it or frozen', () => {
    const accounts = [account('bob', 'a')]
    expect(planned([inDirectory('z')], [admin, bob], accounts)).toContainEqual({
      account: null,
      uid: 'bob',
      isGone: true,
    })
    expect(planned([inDirectory('a', { isFrozen: true })], [admin, bob], accounts)).toEqual([
      { account: 'a', uid: 'bob', isGone: true, notes: ['frozen'] },
    ])
    const limited = planned([inDirectory('z')], [admin, bob], accounts, { isWhole: false })
    expect(limited.some(({ isGone }) => isGone === true)).toBe(false)
    // Bound to nothing of this directory, nobody is missed in it.
    expect(planned([], [admin, bob])).toEqual([])
    expect(planned([inDirectory('z', { isFrozen: true })], [admin])).toEqual([
      { account: 'z', uid: null, notes: ['frozen'] },
    ])
  })

  it('is not whoever has another account there now', () => {
    const renewed = inTenant('bob', { employee_id: 'E1' })
    const rows = planned([inDirectory('b', { employeeId: 'E1' })], [admin, renewed], [account('bob', 'a')])
    expect(rows).toMatchObject([{ conflict: 'other_account' }])
  })

  it('can be disabled, but for people of the file and the last administrators', () => {
    const boss = inTenant('boss', { roles: ['admin'] })
    const filed = inTenant('filed', { provisioned: 1 })
    const accounts = [account('boss', 'a'), account('filed', 'b')]
    expect(planned([inDirectory('z')], [boss, filed], accounts)).toEqual(
      expect.arrayContaining([
        { account: null, uid: 'boss', isGone: true, notes: ['last_administrator'] },
        { account: null, uid: 'filed', isGone: true, notes: ['provisioned'] },
      ]),
    )
    expect(planned([inDirectory('z')], [boss, admin], accounts)).toContainEqual({
      ...{ account: null, uid: 'boss', isGone: true },
    })
  })
})

describe('a new uid', () => {
  it('is made of what there is, the preferred first, until it fits and nobody has it', () => {
    const people = [
      inDirectory('acc-1', { employeeId: 'E 1/ü', email: 'ann.lee@acme.test' }),
      inDirectory('acc-2', { email: 'Ann.Lee@other.test' }),
      inDirectory('acc-3', { employeeId: '——' }),
    ]
    const uids = (uidFrom: 'employeeId' | 'email' | 'account') =>
      planned(people, [inTenant('e-1-u'), inTenant('root')], [], { uidFrom }).map(({ uid }) => uid)
    expect(uids('employeeId')).toEqual(['E-1-u-2', 'Ann.Lee', 'acc-3'])
    expect(uids('email')).toEqual(['ann.lee', 'Ann.Lee-2', 'acc-3'])
    expect(uids('account')).toEqual(['acc-1', 'acc-2', 'acc-3'])
    expect(uids('employeeId')).toEqual(uids('employeeId'))
  })

  it('is at most 64 of the letters that a uid may have', () => {
    expect(fitUid(`.${'x'.repeat(80)}`)).toBe('x'.repeat(64))
    expect(fitUid('_ou 1f')).toBe('ou-1f')
    expect(fitUid('王海燕')).toBeNull()
  })
})

it('the digest is that of all that would be done', () => {
  const people = [inDirectory('a', { employeeId: 'E1', name: 'Ann' })]
  const digest = (...given: Parameters<typeof input>) => planSync(input(...given)).digest
  const first = digest(people, [admin])
  expect(digest(people, [admin])).toBe(first)
  expect(digest(people, [{ ...admin, updated_at: 7 }])).toBe(first)
  for (const other of [
    digest(people, [inTenant('x', { employee_id: 'E1' })]),
    digest([inDirectory('a', { employeeId: 'E1', name: 'Anne' })], [admin]),
    digest(people, [admin], [], { readId: 'read-2' }),
    digest(people, [admin], [], { uidFrom: 'account' }),
  ])
    expect(other).not.toBe(first)
})
