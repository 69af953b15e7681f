import { describe, expect, it } from 'vitest'
import { apply, fullFile, testSealer } from '#server/provisioning/_files.ts'
import { onEveryEngine, type TestDatabase } from './_engines.ts'
import type { Binding, Directory } from './stores.ts'

const people = (users: string) => `tenants: [{ id: acme, name: Acme, users: [${users}] }, { id: beta, name: Beta }]`
const alice = '{ uid: alice, name: Alice, channels: { lark: { email: a@acme.test } } }'
const bob = '{ uid: bob, name: Bob, channels: { lark: { email: b@acme.test }, feishu: { mobile: "+8613800138000" } } }'

onEveryEngine((engine) => {
  const sealer = testSealer()

  const provisioned = async (text: string): Promise<TestDatabase> => {
    const database = await engine.open({ sealer })
    await apply(database, text, { sealer })
    return database
  }
  const bindingOf = async (directory: Directory, uid: string): Promise<Binding> => {
    const binding = await directory.binding('acme', 'lark', uid)
    if (binding === null) throw new Error(`${uid} is not bound`)
    return binding
  }
  const remember = async (directory: Directory, uid: string, account: string): Promise<boolean> =>
    directory.remember('acme', await bindingOf(directory, uid), account, 1)
  const whose = async (directory: Directory, account: string): Promise<string | null> =>
    (await directory.findByPlatformId('acme', 'lark', account))?.uid ?? null

  describe('the people of a tenant', () => {
    it('are found by uid, those of another tenant are not', async () => {
      await using database = await provisioned(people(`${alice}, ${bob}`))
      const { directory } = database.stores
      expect([...(await directory.users('acme', ['bob', 'nobody', 'bob'])).keys()]).toEqual(['bob'])
      expect(await directory.users('acme', [])).toEqual(new Map())
      expect(await directory.user('beta', 'alice')).toBeNull()
      expect(await directory.submissionRules('acme')).toEqual({ allowsSelfApproval: false, reminders: [] })
      expect(await directory.submissionRules('nowhere')).toEqual({ allowsSelfApproval: false, reminders: [] })
    })
  })

  describe('a template', () => {
    it('is found by id, and the first one of a module in the file is its default', async () => {
      await using database = await provisioned(fullFile)
      const { directory } = database.stores
      expect(await directory.defaultTemplate('acme', 'data_export')).toMatchObject({ id: 'second', risk: null })
      expect(await directory.template('acme', 'first')).toEqual({
        id: 'first',
        module: 'data_export',
        nodes: [{ name: 'Two', approvers: ['alice', 'bob'], rule: { quorum: 2 } }],
        risk: 'high',
        surfaces: null,
        rejectWhenQuorumImpossible: false,
        reminders: null,
      })
      expect(await directory.defaultTemplate('acme', 'nddl')).toBeNull()
      expect(await directory.template('beta', 'first')).toBeNull()
    })
  })

  describe('a platform account', () => {
    it('is whose address led to it, both ways', async () => {
      await using database = await provisioned(people(`${alice}, ${bob}`))
      const { directory } = database.stores
      expect((await directory.unresolved('acme', 'lark')).map((binding) => binding.uid)).toEqual(['alice', 'bob'])
      expect(await remember(directory, 'alice', 'ou_1')).toBe(true)
      expect(await remember(directory, 'alice', 'ou_1')).toBe(true)
      expect(await whose(directory, 'ou_1')).toBe('alice')
      expect(await directory.platformId('acme', 'lark', 'alice')).toBe('ou_1')
      expect((await directory.unresolved('acme', 'lark')).map((binding) => binding.uid)).toEqual(['bob'])
      expect(await directory.known('acme', 'lark')).toEqual([{ uid: 'alice', platformUserId: 'ou_1' }])
    })

    it('is nobody else’s: not on the sister platform, not in another tenant', async () => {
      await using database = await provisioned(people(`${alice}, ${bob}`))
      const { directory } = database.stores
      await remember(directory, 'bob', 'ou_1')
      expect(await directory.findByPlatformId('acme', 'feishu', 'ou_1')).toBeNull()
      expect(await directory.findByPlatformId('beta', 'lark', 'ou_1')).toBeNull()
      expect(await whose(directory, 'ou_2')).toBeNull()
    })

    it('is void once the address has changed, until it is looked up again', async () => {
      await using database = await provisioned(people(`${alice}, ${bob}`))
      const { directory } = database.stores
      await remember(directory, 'alice', 'ou_1')
      const before = await bindingOf(directory, 'alice')
      await apply(database, people(`${alice.replace('a@acme', 'new@acme')}, ${bob}`), { sealer })
      expect(await whose(directory, 'ou_1')).toBeNull()
      expect(await directory.platformId('acme', 'lark', 'alice')).toBeNull()
      expect((await directory.unresolved('acme', 'lark')).map((binding) => binding.uid)).toEqual(['alice', 'bob'])
      expect(await directory.known('acme', 'lark')).toEqual([])

      // An answer that was on its way when the address changed is about the old one.
      expect(await directory.remember('acme', before, 'ou_1', 2)).toBe(false)
      expect(await whose(directory, 'ou_1')).toBeNull()
      expect(await remember(directory, 'alice', 'ou_2')).toBe(true)
      expect(await whose(directory, 'ou_2')).toBe('alice')
      expect(await whose(directory, 'ou_1')).toBeNull()
    })

    it('that two people claim is nobody’s, whoever asks again', async () => {
      await using database = await provisioned(people(`${alice}, ${bob}`))
      const { directory } = database.stores
      expect(await remember(directory, 'alice', 'ou_1')).toBe(true)
      expect(await remember(directory, 'bob', 'ou_1')).toBe(false)
      expect(await whose(directory, 'ou_1')).toBeNull()
      for (const uid of ['alice', 'bob', 'alice']) {
        expect(await remember(directory, uid, 'ou_1')).toBe(false)
        expect(await whose(directory, 'ou_1')).toBeNull()
        expect(await directory.platformId('acme', 'lark', uid)).toBeNull()
      }
    })

    it('that two people claimed is free again when one of them has another address', async () => {
      await using database = await provisioned(people(`${alice}, ${bob}`))
      const { directory } = database.stores
      await remember(directory, 'alice', 'ou_1')
      await remember(directory, 'bob', 'ou_1')
      await apply(database, people(`${alice}, ${bob.replace('b@acme', 'new@acme')}`), { sealer })
      expect(await whose(directory, 'ou_1')).toBeNull()
      expect(await remember(directory, 'alice', 'ou_1')).toBe(true)
      expect(await whose(directory, 'ou_1')).toBe('alice')
    })

    it('passes to the next person when the one before is gone', async () => {
      await using database = await provisioned(people(alice))
      const { directory } = database.stores
      await remember(directory, 'alice', 'ou_1')
      await apply(database, people(bob.replace('b@acme', 'a@acme')), { sealer })
      expect(await whose(directory, 'ou_1')).toBeNull()
      expect(await remember(directory, 'bob', 'ou_1')).toBe(true)
      expect(await whose(directory, 'ou_1')).toBe('bob')
    })

    it('of somebody who is disabled says so, and is no longer looked up', async () => {
      await using database = await provisioned(people(alice))
      const { directory } = database.stores
      await remember(directory, 'alice', 'ou_1')
      await apply(database, people(alice.replace('uid: alice,', 'uid: alice, disabled: true,')), { sealer })
      expect(await directory.findByPlatformId('acme', 'lark', 'ou_1')).toMatchObject({ uid: 'alice', disabled: true })
      expect(await directory.unresolved('acme', 'lark')).toEqual([])
    })

    it('claimed by two people at the same moment is never both’s', async () => {
      await using database = await provisioned(people(`${alice}, ${bob}`))
      const { directory } = database.stores
      const answers = await Promise.all([remember(directory, 'alice', 'ou_1'), remember(directory, 'bob', 'ou_1')])
      expect(answers.filter(Boolean).length).toBeLessThanOrEqual(1)
      await remember(directory, 'alice', 'ou_1')
      await remember(directory, 'bob', 'ou_1')
      expect(await whose(directory, 'ou_1')).toBeNull()
    })

    it('that two claim at the same moment is never the other’s of whom it was told to be theirs', async () => {
      await using database = await provisioned(people(`${alice}, ${bob}`))
      const { directory } = database.stores
      for (let round = 0; round < 20; round += 1) {
        const account = `ou_${round}`
        const uids = ['alice', 'bob'] as const
        const told = await Promise.all(uids.map((uid) => remember(directory, uid, account)))
        const theirs = uids.filter((_, index) => told[index])
        expect(theirs.length).toBeLessThanOrEqual(1)
        for (const uid of theirs) expect([uid, null]).toContain(await whose(directory, account))
      }
    })
  })
})
