import { describe, expect, it } from 'vitest'
import { onEveryEngine } from './_engines.ts'
import { addTenant, content, insertTicket, ticketOf } from './_fixtures.ts'

onEveryEngine((engine) => {
  describe('the modules that a tenant has used', () => {
    it('are each named once, however many tickets they have', async () => {
      await using database = await engine.open()
      await addTenant(database)
      await addTenant(database, 'beta')
      const { tenants } = database.stores
      expect(await tenants.usedModules('acme')).toEqual([])
      for (const [index, module] of ['nddl', 'budget', 'nddl', 'zoning', 'nddl'].entries()) {
        await insertTicket(database, ticketOf({ number: index + 1, content: { ...content, module } }))
      }
      await insertTicket(database, ticketOf({ number: 1, tenantId: 'beta', content: { ...content, module: 'other' } }))
      expect(await tenants.usedModules('acme')).toEqual(['budget', 'nddl', 'zoning'])
      expect(await tenants.usedModules('beta')).toEqual(['other'])
    })
  })
})
