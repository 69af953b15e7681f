import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { onEveryEngine } from '#server/db/_engines.ts'
import { openOidc } from '#server/db/login-way-settings.ts'
import { apply, testSealer } from './_files.ts'
import { exportProvisioning } from './export.ts'

const file = (lines: string) => `
tenants:
  - id: acme
    name: Acme
${lines}`
const provider = 'oidc: { issuer: "https://login.acme.test", clientId: countersign, clientSecret: canary-oidc }'

onEveryEngine((engine) => {
  const sealer = testSealer(randomBytes(32))

  it('the file opens and closes ways in; its secret is sealed, and applying it again changes nothing', async () => {
    await using database = await engine.open({ sealer })
    const text = file(`    emailLogin: false\n    ${provider}`)
    const [changes] = await apply(database, text, { sealer })
    expect(changes?.added).toEqual(['tenant:acme', 'login_way:email', 'login_way:oidc'])
    const rows = await database.stores.loginWays.rows('acme')
    expect(rows).toMatchObject([
      { way: 'email', enabled: 0, provisioned: 1 },
      { way: 'oidc', enabled: 1, provisioned: 1 },
    ])
    expect(JSON.stringify(rows)).not.toContain('canary-oidc')
    const oidc = rows[1]
    expect(oidc === undefined ? null : openOidc(sealer, oidc)).toEqual({
      enabled: true,
      issuer: 'https://login.acme.test',
      clientId: 'countersign',
      clientSecret: 'canary-oidc',
      claim: 'email',
      scopes: ['openid', 'email', 'profile'],
    })
    expect(await apply(database, text, { sealer, now: 9_000 })).toEqual([])
    const { tenants } = await exportProvisioning(database.stores)
    expect(tenants[0]).toMatchObject({ emailLogin: false, oidc: { enabled: true, clientId: 'countersign' } })
    expect(JSON.stringify(tenants)).not.toContain('canary-oidc')
  })

  it('what has left the file: the provider is closed and kept, e-mail follows the default again', async () => {
    await using database = await engine.open({ sealer })
    await apply(database, file(`    emailLogin: false\n    ${provider}`), { sealer })
    const [changes] = await apply(database, file(''), { sealer })
    expect(changes?.removed).toEqual(['login_way:email', 'login_way:oidc'])
    expect(await database.stores.loginWays.rows('acme')).toMatchObject([{ way: 'oidc', enabled: 0, provisioned: 0 }])
  })
})
