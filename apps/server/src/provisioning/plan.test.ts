import { ProvisioningFile } from '@countersign/contracts'
import { expect, it } from 'vitest'
import { plainSealer } from '#server/db/_engines.ts'
import { planTenant } from './plan.ts'
import { tenantRow, userRow } from './wanted-rows.ts'

const fileOf = (users: { uid: string; name: string }[]) => {
  const [tenant] = ProvisioningFile.parse({ tenants: [{ id: 'acme', name: 'Acme', users }] }).tenants
  if (tenant === undefined) throw new Error('the file has a tenant')
  return tenant
}

it('a company of many people that leaves the file is disabled as a whole', () => {
  const people = Array.from({ length: 150_000 }, (_, n) => ({ uid: `person-${n}`, name: `Person ${n}` }))
  const [person] = fileOf(people.slice(0, 1)).users
  if (person === undefined) throw new Error('the file has a person')
  const users = people.map((named) => userRow('acme', { ...person, ...named }, 0))
  const tenant = fileOf([])
  const none = { channels: [], bindings: [], apiKeys: [], templates: [], rules: [], loginWays: [] }
  const plan = planTenant(
    { tenant, existing: tenantRow(tenant, 0), rows: { ...none, users } },
    { sealer: plainSealer, now: () => 0, newSecret: () => 'secret' },
  )
  expect(plan.put.users).toHaveLength(people.length)
  expect(plan.put.users.every((row) => row.disabled === 1)).toBe(true)
  expect(plan.changes.removed).toHaveLength(people.length)
})
