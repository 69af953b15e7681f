import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import { applyImport } from '#server/people/apply-import.ts'
import { planImport } from '#server/people/plan-import.ts'
import { apply, testSealer } from '#server/provisioning/_files.ts'
import { ask, by, clock, office, rerouting } from './_office.ts'

/* Many people who are disabled at once: by a file of people, and by the provisioning file. */

const admin = by(0).admin
const problems = async ({ stores }: TestDatabase, csv: string) =>
  (await planImport(stores, admin, csv, 1)).errors.map(({ line, column, code }) => `${line} ${column} ${code}`)

async function importPeople({ store, stores }: TestDatabase, csv: string, at: number): Promise<void> {
  const { digest } = await planImport(stores, admin, csv, at)
  await store.run((tx) => applyImport(tx, by(at), { csv, digest }))
}

const approversOf = async ({ stores }: TestDatabase, id: string) =>
  (await stores.tickets.find('acme', id))?.nodes.map((node) => node.approvers)

onEveryEngine((engine) => {
  it('a file of people names successors; what waits for whom nobody follows stays pending, and goes to nobody else', async () => {
    await using database = await engine.open()
    await office(database)
    const { store, stores } = database
    const { at } = clock()
    const alices = await ask(store, at, ['alice'])
    const franks = await ask(store, at, ['frank'])
    const csv = 'uid,name,disabled,successors\nalice,alice,true,carol dan\nfrank,frank,true,\n'
    expect(await problems(database, csv)).toEqual([])
    await importPeople(database, csv, at)
    await rerouting(store, clock()).drain()
    expect(await approversOf(database, alices.id)).toEqual([['carol', 'dan']])
    expect(await approversOf(database, franks.id)).toEqual([['frank']])
    expect(await stores.reroutes.find('acme', 'frank')).toBeNull()
    const absent = await stores.reroutes.absent('acme')
    expect((await stores.reroutes.stuck('acme', absent, { limit: 9 })).items.map(({ id }) => id)).toEqual([franks.id])
    // Applied again it orders nothing anew; whoever is enabled by it is relieved of nothing any more.
    const before = await stores.reroutes.find('acme', 'alice')
    await importPeople(database, csv, at + 1)
    expect(await stores.reroutes.find('acme', 'alice')).toEqual(before)
    await importPeople(database, 'uid,name,disabled\nalice,alice,false\n', at + 2)
    expect(await stores.reroutes.find('acme', 'alice')).toBeNull()
  })

  it('a file of people is refused where a successor would not be there, follows themself, or is named by themself', async () => {
    await using database = await engine.open()
    await office(database, [{ uid: 'gone', disabled: true }])
    const head = 'uid,name,disabled,successors\n'
    expect(await problems(database, `${head}alice,alice,true,gone\nfrank,frank,true,nobody\n`)).toEqual([
      '2 successors successor_bad',
      '3 successors successor_bad',
    ])
    expect(await problems(database, `${head}alice,alice,true,alice\nfrank,frank,true,dan\ndan,dan,true,\n`)).toEqual([
      '2 successors successor_bad',
      '3 successors successor_bad',
    ])
    expect(await problems(database, `${head}alice,alice,false,carol\nfrank,frank,true,"a,b"\n`)).toEqual([
      '2 successors successor_bad',
      '3 successors successor_bad',
    ])
    expect(await problems(database, `${head}alice,alice,true,eve\n`)).toEqual(['2 successors own_successor'])
    // With the only other administrator the file takes away whoever could name her.
    await database.db.updateTable('users').set({ roles: '["user"]' }).where('uid', '=', 'max').execute()
    expect(await problems(database, `${head}alice,alice,true,eve\n`)).toEqual([])
  })

  it('the provisioning file names successors, at every start the same; an administrator’s order stays', async () => {
    await using database = await engine.open()
    const { store, stores } = database
    const sealer = testSealer(randomBytes(32))
    const { at } = clock()
    const file = (alice: string, carol = '') => `
tenants:
  - id: acme
    name: Acme
    users:
      - { uid: alice, name: Alice${alice} }
      - { uid: bob, name: Bob }
      - { uid: carol, name: Carol${carol} }
      - { uid: dan, name: Dan }`
    const start = (text: string) => apply(database, text, { sealer, now: at })
    await start(file(''))
    const one = await ask(store, at, ['alice'], 'any')
    await start(file(', disabled: true, successors: [carol]'))
    await rerouting(store, clock()).drain()
    expect(await approversOf(database, one.id)).toEqual([['carol']])
    expect((await stores.tickets.history('acme', one.id)).at(-1)).toMatchObject({
      ...{ actor: 'provisioning', via: 'api', action: 'transfer', transfer: { from: 'alice', to: ['carol'] } },
    })
    const first = await stores.reroutes.find('acme', 'alice')
    await start(file(', disabled: true, successors: [carol]'))
    expect(await stores.reroutes.find('acme', 'alice')).toEqual(first)
    await start(file(', disabled: true, successors: [dan]'))
    expect((await stores.reroutes.find('acme', 'alice'))?.successors).toEqual(['dan'])
    await store.run((tx) =>
      tx.reroutes.put({
        ...{ tenantId: 'acme', uid: 'alice', successors: ['bob'], scope: 'open', comment: null },
        ...{ orderedBy: 'eve', via: 'console', orderedAt: at },
      }),
    )
    await start(file(', disabled: true, successors: [dan]'))
    expect((await stores.reroutes.find('acme', 'alice'))?.successors).toEqual(['bob'])
    await start(file(''))
    expect(await stores.reroutes.find('acme', 'alice')).toBeNull()
    await expect(async () => start(file(', successors: [carol]'))).rejects.toThrow(
      /successors belongs to a user who is disabled/,
    )
    await expect(async () =>
      start(file(', disabled: true, successors: [carol, nobody]', ', disabled: true')),
    ).rejects.toThrow(/successors\.0 must be a user.*\n?.*successors\.1 must be a user/s)
  })
})
