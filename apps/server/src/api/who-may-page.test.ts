import { expect, it } from 'vitest'
import { whoMayPage } from './_who-may-page.ts'

it('docs/who-may.md says who may call each endpoint, as the contract declares it', async () => {
  await expect(whoMayPage()).toMatchFileSnapshot('../../../../docs/who-may.md')
})
