import type { DirectoryRead, DirectorySyncPreview } from '@countersign/contracts'
import type { SandboxSeed } from '@countersign/sandbox'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anonymous, logIn, type Member } from '../_member.ts'
import { apps, dingtalkApps, startWorld, type World } from '../_world.ts'

/* The people of a platform's directory, over the wire: read in the background, shown, then taken over as they were shown. */

const base = '/api/app/console/people-sync'
const staff = Array.from({ length: 260 }, (_, index) => ({
  id: `s${index}`,
  name: `Staff ${index}`,
  platform: 'lark' as const,
  locale: 'en_us',
  email: `staff.${index}@acme.test`,
  mobile: `+65-9${String(1_000_000 + index)}`,
  employeeId: `N-${index}`,
  departments: index % 2 === 0 ? ['sales'] : ['asia', 'sales'],
}))
const seed = (plain: SandboxSeed): SandboxSeed => ({
  ...plain,
  departments: [
    { platform: 'lark', id: 'sales', name: 'Sales' },
    { platform: 'lark', id: 'asia', name: 'Asia', parent: 'sales' },
    { platform: 'dingtalk', tenantKey: dingtalkApps.dingtalk.corpId, id: '30', name: '研发' },
  ],
  people: [...plain.people, ...staff],
})

type Planning = { readId: string; uidFrom?: string; resolutions?: Record<string, string> }

/** An administrator at the page: reads a directory to its end, looks at what would happen, applies it. */
function desk({ world, member }: { world: World; member: Member }) {
  return {
    async read(channel: string, departments: string[] | null = null): Promise<DirectoryRead> {
      const begun = await member.call('POST', `${base}/${channel}/read`, { departments })
      expect([begun.status, begun.body.read?.state]).toEqual([202, 'reading'])
      await world.drain()
      return (await member.call('GET', `${base}/${channel}`)).body.read
    },
    async preview(channel: string, planning: Planning, kind = 'create', offset = 0): Promise<DirectorySyncPreview> {
      const answer = await member.call('POST', `${base}/${channel}/preview`, { ...planning, kind, offset })
      expect([answer.status, answer.body.code]).toEqual([200, undefined])
      return answer.body
    },
    apply: (channel: string, planning: Planning & { digest: string }, select: object) =>
      member.call('POST', `${base}/${channel}/apply`, {
        ...{ create: false, change: false, bind: false, disable: false },
        ...planning,
        ...select,
      }),
  }
}

describe('the directory of Lark', () => {
  let world: World
  let alice: Member
  beforeAll(async () => {
    world = await startWorld({
      seed,
      dingtalk: 'http',
      change: ({ tenants: [tenant] }) => {
        const carol = tenant?.users.find(({ uid }) => uid === 'carol')
        if (carol !== undefined) carol.roles = ['security_admin']
      },
    })
    alice = await logIn(world, 'alice')
  })
  afterAll(() => world[Symbol.asyncDispose]())
  const here = () => desk({ world, member: alice })

  it('is for administrators alone', async () => {
    const asked = [
      ['GET', base, undefined],
      ['GET', `${base}/lark`, undefined],
      ['GET', `${base}/lark/departments`, undefined],
      ['POST', `${base}/lark/read`, {}],
      ['POST', `${base}/lark/cancel`, undefined],
      ['POST', `${base}/lark/preview`, { readId: 'x' }],
      ['POST', `${base}/lark/apply`, {}],
    ] as const
    const visitors = [
      [await logIn(world, 'chen', 'feishu'), 403],
      [await logIn(world, 'carol'), 403],
      [await logIn(world, 'bob'), 403],
      [anonymous(world), 401],
    ] as const
    for (const [visitor, status] of visitors) {
      for (const [method, path, body] of asked) {
        expect([path, (await visitor.call(method, path, body)).status]).toEqual([path, status])
      }
    }
    expect((await alice.call('POST', `${base}/lark/read`, {}, { isForeign: true })).body.code).toBe('csrf')
    expect((await alice.call('GET', `${base}/email`)).status).toBe(404)
    expect((await alice.call('POST', `${base}/lark/apply`, { readId: 'x' })).status).toBe(422)
  })

  it('is read in the background, shown, and taken over as it was shown', async () => {
    const listed = await alice.call('GET', base)
    expect(listed.body.items.map(({ channel }: { channel: string }) => channel).sort()).toEqual([
      'dingtalk',
      'dingtalkExclusive',
      'feishu',
      'lark',
    ])
    const top = await alice.call('GET', `${base}/lark/departments`)
    expect(top.body).toMatchObject({ items: [{ name: 'Sales', members: 260 }], estimatedCalls: 9 })
    const [sales] = top.body.items
    const below = await alice.call('GET', `${base}/lark/departments?parent=${sales.id}`)
    expect(below.body.items).toMatchObject([{ name: 'Asia' }])

    const read = await here().read('lark')
    expect(read).toMatchObject({
      state: 'read',
      isWhole: true,
      people: 266,
      departmentsFound: 3,
      departmentsRead: 3,
      missing: [],
      startedBy: 'alice',
    })
    expect(read.calls).toBeGreaterThanOrEqual(12)
    const planning = { readId: read.id }
    const first = await here().preview('lark', planning)
    // Of the tenant: alice, bob, carol, dan and mallory, who stand in the file and are found by its addresses.
    expect(first.counts).toMatchObject({ create: 261, change: 0, gone: 0, conflict: 0 })
    expect(first.rows).toHaveLength(100)
    expect(first.nextOffset).toBe(100)
    const last = await here().preview('lark', planning, 'create', 200)
    expect([last.rows.length, last.nextOffset, last.digest]).toEqual([61, null, first.digest])
    const rows = [...first.rows, ...(await here().preview('lark', planning, 'create', 100)).rows, ...last.rows]
    expect(rows.find(({ name }) => name === 'Staff 7')).toMatchObject({
      uid: 'N-7',
      email: 'staff.7@acme.test',
      mobile: '+6591000007',
      employeeId: 'N-7',
      roles: [],
      binds: true,
      conflict: null,
    })
    const byEmail = await here().preview('lark', { ...planning, uidFrom: 'email' })
    expect(byEmail.rows.map(({ uid }) => uid)).toContain('staff.7')
    expect(byEmail.digest).not.toBe(first.digest)
    // Nothing was written so far.
    expect((await alice.call('GET', '/api/app/console/people/N-7')).status).toBe(404)

    const stranger = rows.find(({ name }) => name === 'Sam Stranger')
    const applied = await here().apply(
      'lark',
      { ...planning, digest: first.digest },
      { create: true, leaveOut: [stranger?.account] },
    )
    expect([applied.status, applied.body]).toEqual([200, { created: 260, changed: 0, bound: 0, disabled: 0, left: 0 }])
    expect((await alice.call('GET', '/api/app/console/people/N-7')).body).toMatchObject({
      name: 'Staff 7',
      roles: ['user'],
      provisioned: false,
      contact: { email: 'staff.7@acme.test', mobile: '+6591000007', employeeId: 'N-7' },
      bindings: [{ channel: 'lark', account: 'known', provisioned: false }],
    })
    // The account of the directory is who they are: they log in by it, and their card finds them.
    const seven = await logIn(world, 's7')
    expect((await seven.call('GET', '/api/app/session')).body.user).toMatchObject({ uid: 'N-7', roles: ['user'] })
    const ticket = await world.api.submit({ nodes: [{ name: 'Owner', approvers: ['N-7'] }] })
    await world.drain()
    expect(world.card('s7', ticket)).toBeDefined()

    const again = await here().apply('lark', { ...planning, digest: first.digest }, { create: true })
    expect([again.status, again.body.code]).toEqual([409, 'preview_outdated'])
    const audit = await alice.call('GET', '/api/app/console/audit?action=user.sync&limit=20')
    expect(audit.body.items).toHaveLength(3)
    expect(JSON.stringify(audit.body)).toContain('N-7(user)')
    expect(JSON.stringify(audit.body)).not.toMatch(/staff\.7@|91000007/)
  })

  it('changes what the directory says otherwise, and disables who is gone only when told to', async () => {
    world.sandbox.configurePerson('s8', { name: 'Staff Eight', mobile: '+65-98888888' })
    world.sandbox.configurePerson('s9', { isFrozen: true })
    const read = await here().read('lark')
    const planning = { readId: read.id }
    const changes = await here().preview('lark', planning, 'change')
    expect(changes.rows).toMatchObject([{ uid: 'N-8', name: 'Staff Eight', changes: ['name', 'mobile'] }])
    const gone = await here().preview('lark', planning, 'gone')
    expect(gone).toMatchObject({ canDisable: 1, rows: [{ uid: 'N-9', notes: ['frozen'] }] })
    const { digest } = changes
    const changed = await here().apply('lark', { ...planning, digest }, { change: true })
    expect(changed.body).toEqual({ created: 0, changed: 1, bound: 0, disabled: 0, left: 0 })
    expect((await alice.call('GET', '/api/app/console/people/N-9')).body.disabled).toBe(false)
    const nine = await logIn(world, 's9')
    const now = await here().preview('lark', planning, 'gone')
    const disabled = await here().apply('lark', { ...planning, digest: now.digest }, { disable: true })
    expect(disabled.body).toEqual({ created: 0, changed: 0, bound: 0, disabled: 1, left: 0 })
    expect((await nine.call('GET', '/api/app/session')).status).toBe(401)
  })

  it('limited to a department, tells nobody that others are gone', async () => {
    const { body } = await alice.call('GET', `${base}/lark/departments`)
    const read = await here().read('lark', [body.items[0].id])
    expect(read).toMatchObject({ state: 'read', isWhole: false, people: 260 })
    expect((await here().preview('lark', { readId: read.id }, 'gone')).counts.gone).toBe(0)
  })

  it('asks whose an account is, and then takes it from nobody but whom it was said of', async () => {
    const made = { uid: 'erin', name: 'Erin', employeeId: 'X-12', roles: ['dba'] }
    await alice.call('POST', '/api/app/console/people', made)
    world.sandbox.configurePerson('s12', { employeeId: 'X-12' })
    const read = await here().read('lark')
    const planning = { readId: read.id }
    const conflicts = await here().preview('lark', planning, 'conflict')
    const [row] = conflicts.rows
    expect(row).toMatchObject({ conflict: 'different_people', name: 'Staff 12' })
    expect(row?.candidates.map(({ uid }) => uid).sort()).toEqual(['N-12', 'erin'])
    const twelve = await logIn(world, 's12')

    const resolved = { ...planning, resolutions: { [row?.account ?? '']: 'erin' } }
    const { digest, rows } = await here().preview('lark', resolved, 'bind')
    expect(rows).toMatchObject([{ uid: 'erin', takenFrom: 'N-12', notes: ['resolved', 'field_of_another'] }])
    const applied = await here().apply('lark', { ...resolved, digest }, { bind: true })
    expect(applied.body).toMatchObject({ bound: 1 })
    expect((await twelve.call('GET', '/api/app/session')).status).toBe(401)
    const erin = await logIn(world, 's12')
    expect((await erin.call('GET', '/api/app/session')).body.user.uid).toBe('erin')
    const audit = await alice.call('GET', '/api/app/console/audit?action=user.rebind')
    expect(audit.body.items).toMatchObject([{ target: 'user:erin', detail: { takenFrom: 'N-12' } }])
  })

  it('names the permission that is missing, before and while it reads', async () => {
    const { scopes } = world.sandbox.app(apps.lark.appId)
    world.sandbox.configureApp(apps.lark.appId, {
      scopes: scopes.filter((scope) => scope !== 'contact:department.organize:readonly'),
    })
    const top = await alice.call('GET', `${base}/lark/departments`)
    expect([top.status, top.body.code]).toEqual([409, 'permission_missing'])
    expect(top.body.detail).toContain('contact:department.organize:readonly')
    expect(await here().read('lark')).toMatchObject({
      state: 'failed',
      failure: {
        code: 'permission',
        platformCode: '99991672',
        permissions: expect.arrayContaining([expect.stringMatching('organize')]),
      },
    })
    world.sandbox.configureApp(apps.lark.appId, {
      scopes: scopes.filter((scope) => !scope.startsWith('contact:user.')),
    })
    expect((await here().read('lark')).missing).toEqual([
      { field: 'name', permission: 'contact:user.base:readonly' },
      { field: 'email', permission: 'contact:user.email:readonly' },
      { field: 'mobile', permission: 'contact:user.phone:readonly' },
      { field: 'employeeId', permission: 'contact:user.employee:readonly' },
    ])
    world.sandbox.configureApp(apps.lark.appId, { scopes })
  })

  it('goes on through failures that pass, and stops when somebody says so', async () => {
    world.sandbox.faults.set({ kind: 'rate-limited', path: 'find_by_department', resetSeconds: 1, times: 1 })
    world.sandbox.faults.set({ kind: 'server-error', path: 'find_by_department', times: 1 })
    expect(await here().read('lark')).toMatchObject({ state: 'read', people: 266 })

    const hanging = world.sandbox.faults.set({ kind: 'hang', path: 'find_by_department' })
    await alice.call('POST', `${base}/lark/read`, {})
    await world.sandbox.waitFor(({ wire }) => wire.at(-1)?.note?.startsWith('hang'))
    const second = await alice.call('POST', `${base}/lark/read`, {})
    expect([second.status, second.body.code]).toEqual([409, 'conflict'])
    const stopped = await alice.call('POST', `${base}/lark/cancel`)
    expect(stopped.body.read).toMatchObject({ state: 'cancelled', people: 0 })
    world.sandbox.faults.clear(hanging)
    const preview = await alice.call('POST', `${base}/lark/preview`, { readId: stopped.body.read.id })
    expect([preview.status, preview.body.code]).toEqual([409, 'preview_outdated'])
    await world.drain()
    expect(await here().read('lark')).toMatchObject({ state: 'read' })
  })

  it('of DingTalk costs no counted call, and binds accounts that have nothing but an employee id', async () => {
    const before = world.sandbox.dingtalk.usage(dingtalkApps.dingtalk.appKey).calls
    const read = await here().read('dingtalk')
    expect(read).toMatchObject({ state: 'read', isWhole: true, people: 3 })
    expect(world.sandbox.dingtalk.usage(dingtalkApps.dingtalk.appKey).calls).toBe(before)
    expect((await alice.call('GET', `${base}/dingtalk`)).body).toMatchObject({ isCounted: false })
    const { counts } = await here().preview('dingtalk', { readId: read.id })
    expect(counts).toMatchObject({ create: 1, gone: 0, conflict: 0 })

    const exclusive = await here().read('dingtalkExclusive')
    const plan = await here().preview('dingtalkExclusive', { readId: exclusive.id })
    expect(plan.rows).toMatchObject([{ name: 'Nina Koh', uid: world.sandbox.person('nina').userId }])
    world.sandbox.dingtalk.configureApp(dingtalkApps.dingtalk.appKey, {
      scopes: ['qyapi_base', 'qyapi_get_department_list'],
    })
    expect(await here().read('dingtalk')).toMatchObject({
      state: 'failed',
      failure: { code: 'permission', permissions: ['qyapi_get_department_member'] },
    })
  })
})

it('is not read with calls that are kept for approvals', async () => {
  await using world = await startWorld({
    change: ({ tenants: [tenant] }) => {
      if (tenant?.channels.lark !== undefined) tenant.channels.lark.monthlyCallQuota = 20
    },
  })
  const alice = await logIn(world, 'alice')
  const { callMeter } = world.server.context
  for (let calls = 0; calls < 19; calls += 1)
    callMeter.count({ tenantId: 'acme', channel: 'lark', appId: apps.lark.appId })
  const read = await desk({ world, member: alice }).read('lark')
  expect(read).toMatchObject({ state: 'failed', failure: { code: 'quota' } })
  expect((await alice.call('GET', `${base}/lark`)).body).toMatchObject({ isCounted: true, quota: { quota: 20 } })
  const top = await alice.call('GET', `${base}/lark/departments`)
  expect([top.status, top.body.code]).toEqual([409, 'quota_kept'])
})

it('is shown as broken off where whoever read it has died, and can then be read anew', async () => {
  let ahead = 0
  await using world = await startWorld({ now: () => Date.now() + ahead })
  const alice = await logIn(world, 'alice')
  const state = async () => (await alice.call('GET', `${base}/lark`)).body.read?.state
  const hanging = world.sandbox.faults.set({ kind: 'hang', path: 'departments' })
  await alice.call('POST', `${base}/lark/read`, {})
  expect(await state()).toBe('reading')
  // Nothing has been heard of it for so long.
  ahead = 40_000
  expect(await state()).toBe('broken_off')
  world.sandbox.faults.clear(hanging)
  expect((await desk({ world, member: alice }).read('lark')).state).toBe('read')

  // An instance that is stopped says so itself.
  world.sandbox.faults.set({ kind: 'hang', path: 'departments' })
  await alice.call('POST', `${base}/lark/read`, {})
  await world.server.context.directoryReader[Symbol.asyncDispose]()
  expect(await state()).toBe('broken_off')
})
