import type { ApprovalTemplate } from '@countersign/contracts'
import { SubmitTicket } from '@countersign/contracts'
import { expect, it } from 'vitest'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import { seedTenant } from '#server/delivery/_world.ts'
import { planSubmission } from '#server/tickets/submission.ts'
import { type By, createTemplate, preferTemplate, removeTemplate, replaceTemplate, revisionOf } from './keep.ts'
import { previewTemplate } from './preview.ts'
import { viewTemplates } from './view.ts'

const by: By = { who: { tenantId: 'acme', uid: 'chen' }, at: Date.parse('2026-11-02T09:00:00Z') }
const template = (id: string, more: Partial<ApprovalTemplate> = {}): ApprovalTemplate => ({
  id,
  module: 'data_export',
  nodes: [{ name: 'Owner', approvers: ['alice', 'bob'], rule: 'any' }],
  ...more,
})

async function acme(database: TestDatabase): Promise<void> {
  const people = [{ uid: 'alice' }, { uid: 'bob' }, { uid: 'carol', disabled: true }]
  await seedTenant(database, { people })
  await seedTenant(database, { id: 'beta', people: [{ uid: 'zoe' }] })
}

const provisioned = (database: TestDatabase, one: ApprovalTemplate) =>
  database.db
    .insertInto('approval_templates')
    .values({
      ...{ tenant_id: 'acme', id: one.id, module: one.module, template: JSON.stringify(one), position: 0 },
      provisioned: 1,
    })
    .execute()

async function defaults({ stores }: TestDatabase): Promise<string[]> {
  const all = await stores.approvalTemplates.list('acme')
  return (await viewTemplates(stores, 'acme', all, all))
    .filter((each) => each.isDefault)
    .map((each) => each.template.id)
}

onEveryEngine((engine) => {
  it('a template is made, changed by whoever saw it last, and removed, each in the audit', async () => {
    await using database = await engine.open()
    await acme(database)
    const { store, stores } = database
    const first = template('one', { risk: 'high', expireAfter: 'PT48H', surfaces: ['console'] })
    await store.run((tx) => createTemplate(tx, by, first))
    await expect(store.run((tx) => createTemplate(tx, by, first))).rejects.toMatchObject({ code: 'conflict' })
    expect((await stores.approvalTemplates.find('acme', 'one'))?.template).toEqual(first)
    expect(await stores.approvalTemplates.find('beta', 'one')).toBeNull()

    const revision = revisionOf(first)
    const second = template('one', { rejectWhenQuorumImpossible: true })
    await store.run((tx) => replaceTemplate(tx, by, 'one', { template: second, revision }))
    const again = store.run((tx) => replaceTemplate(tx, by, 'one', { template: first, revision }))
    await expect(again).rejects.toMatchObject({ code: 'version_conflict', status: 409 })
    const renamed = { template: template('other'), revision: revisionOf(second) }
    await expect(store.run((tx) => replaceTemplate(tx, by, 'one', renamed))).rejects.toMatchObject({
      errors: [{ path: 'template.id' }],
    })
    await store.run((tx) => removeTemplate(tx, by, 'one'))
    await expect(store.run((tx) => removeTemplate(tx, by, 'one'))).rejects.toMatchObject({ code: 'not_found' })
    const { items } = await stores.audit.list('acme', { action: 'template.' }, { limit: 9 })
    expect(items.map(({ action, actor, target }) => `${actor} ${action} ${target}`)).toEqual([
      'chen template.remove template:one',
      'chen template.change template:one',
      'chen template.create template:one',
    ])
  })

  it('names only people of the tenant, each once, and a quorum that can be reached', async () => {
    await using database = await engine.open()
    await acme(database)
    const bad = template('bad', {
      nodes: [
        { name: 'A', approvers: ['alice', 'zoe'], rule: 'any' },
        { name: 'B', approvers: ['alice', 'alice'], rule: { quorum: 2 } },
      ],
    })
    await expect(database.store.run((tx) => createTemplate(tx, by, bad))).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [
        { path: 'template.nodes.0.approvers.1', message: 'must be a user of the tenant' },
        { path: 'template.nodes.1.approvers.1', message: 'is named twice in this node' },
        { path: 'template.nodes.1.rule.quorum', message: 'must not be more than there are approvers' },
      ],
    })
    expect(await database.stores.approvalTemplates.list('acme')).toEqual([])
  })

  it('the first of a module is its default until another is preferred, and a submission goes by it', async () => {
    await using database = await engine.open()
    await acme(database)
    const { store, stores } = database
    for (const one of [template('a'), template('b'), template('c'), template('d', { module: 'perm_apply' })])
      await store.run((tx) => createTemplate(tx, by, one))
    expect(await defaults(database)).toEqual(['a', 'd'])
    await store.run((tx) => preferTemplate(tx, by, 'c'))
    expect((await defaults(database)).sort()).toEqual(['c', 'd'])
    expect((await stores.directory.defaultTemplate('acme', 'data_export'))?.id).toBe('c')
    // Moved to another module it comes last there.
    const moved = template('c', { module: 'perm_apply' })
    await store.run((tx) => replaceTemplate(tx, by, 'c', { template: moved, revision: revisionOf(template('c')) }))
    expect((await stores.directory.defaultTemplate('acme', 'perm_apply'))?.id).toBe('d')
    expect((await stores.directory.defaultTemplate('acme', 'data_export'))?.id).toBe('a')
  })

  it('of the provisioning file are changed there, and so is the default of their module', async () => {
    await using database = await engine.open()
    await acme(database)
    const { store } = database
    const file = template('file')
    await provisioned(database, file)
    const refused = { code: 'provisioned', status: 409 }
    const change = { template: file, revision: revisionOf(file) }
    await expect(store.run((tx) => replaceTemplate(tx, by, 'file', change))).rejects.toMatchObject(refused)
    await expect(store.run((tx) => removeTemplate(tx, by, 'file'))).rejects.toMatchObject(refused)
    await store.run((tx) => createTemplate(tx, by, template('own')))
    await expect(store.run((tx) => preferTemplate(tx, by, 'own'))).rejects.toMatchObject(refused)
    expect(await defaults(database)).toEqual(['file'])
  })

  it('who would be asked is planned as a submission is', async () => {
    await using database = await engine.open()
    await acme(database)
    const { store, stores } = database
    const one = template('one', {
      nodes: [
        { name: 'Owner', approvers: ['alice', 'bob', 'carol'], rule: 'any' },
        { name: 'Two', approvers: ['alice', 'bob'], rule: { quorum: 2 } },
        { name: 'Gone', approvers: ['carol'], rule: 'any' },
      ],
    })
    const seen = await previewTemplate(stores, 'acme', one, 'bob')
    expect(seen.accepted).toBe(false)
    expect(seen.nodes.map(({ asked, leftOut, problem }) => [asked.map(({ uid }) => uid), leftOut, problem])).toEqual([
      [
        ['alice'],
        [
          { uid: 'bob', name: 'bob', reason: 'submitter' },
          { uid: 'carol', name: 'carol', reason: 'disabled' },
        ],
        null,
      ],
      [['alice'], [{ uid: 'bob', name: 'bob', reason: 'submitter' }], 'too_few'],
      [[], [{ uid: 'carol', name: 'carol', reason: 'disabled' }], 'nobody'],
    ])
    // What a real submission makes of it.
    await store.run((tx) => createTemplate(tx, by, one))
    const ticket = SubmitTicket.parse({ module: 'data_export', title: 'T', submitter: 'bob', template: 'one' })
    await expect(planSubmission(ticket, 'acme', stores.directory)).rejects.toMatchObject({
      errors: [
        { message: expect.stringContaining('node 1 (Two) needs 2 of 1') },
        { message: expect.stringContaining('node 2 (Gone) has nobody') },
      ],
    })
    await database.db.updateTable('tenants').set({ allow_self_approval: 1 }).where('id', '=', 'acme').execute()
    expect((await previewTemplate(stores, 'acme', template('x'), 'bob')).nodes[0]?.asked).toHaveLength(2)
    expect((await previewTemplate(stores, 'acme', template('x'), 'nobody')).accepted).toBe(false)
    expect((await previewTemplate(stores, 'acme', template('x'), 'carol')).submitter.state).toBe('disabled')
  })
})
