import type { ProvisioningFile } from '@countersign/contracts'
import { defaultServicesSeed, type Sandbox } from '@countersign/sandbox'
import type { Member } from './_member.ts'
import { onlyTenant } from './_post.ts'
import { startWorld, type World, type WorldOptions } from './_world.ts'

/* A world in which people also log in by a code in an e-mail, and by an account of their company. */

export const openidClient = { clientId: 'countersign', clientSecret: 'openid-client-secret-for-tests' } as const
/** Where the provider sends browsers back to. */
export const redirectPath = '/console/login/oidc'

type Tenant = ProvisioningFile['tenants'][number]

/** Everybody is on Lark or Feishu as ever; their mailboxes are known from the file. */
export async function startWaysIn(
  options: Omit<WorldOptions, 'change' | 'seed'> & { change?: (tenant: Tenant, sandbox: Sandbox) => void } = {},
): Promise<World> {
  const { change, ...rest } = options
  const world = await startWorld({
    ...rest,
    seed: (seed) => ({ ...seed, mail: defaultServicesSeed({ dingtalk: [], wecom: [] }).mail }),
    change: (file, sandbox) => {
      const tenant = onlyTenant(file)
      // Its certificate is its own: the tests of mail are about that.
      sandbox.mail.settings.startTls = 'hide'
      const email = { smtpUrl: sandbox.mail.smtpUrl, from: 'Countersign <approve@acme.test>', decisionLinks: true }
      tenant.channels.email = { enabled: true, ...email }
      tenant.oidc = {
        enabled: true,
        ...openidClient,
        issuer: sandbox.openid.issuer,
        label: 'Company account',
        claim: 'email',
        scopes: ['openid', 'email', 'profile'],
      }
      change?.(tenant, sandbox)
    },
  })
  world.sandbox.openid.putClient({ ...openidClient, redirectUris: [`${world.url}${redirectPath}`] })
  return world
}

/** The code in the newest mail of an address. */
export function codeFor(sandbox: Sandbox, address: string): string {
  const mail = sandbox.mail.inbox(address).at(-1)
  const code = /\d{6}/.exec(mail?.subject ?? '')?.[0]
  if (code === undefined) throw new Error(`there is no code for ${address}`)
  return code
}

/** Begins in this browser and says yes at the provider; gives the query string that it is sent back with. */
export async function consent(world: World, member: Member, account: string | null, tenant = 'acme'): Promise<string> {
  const started = await member.call('POST', '/api/app/login/oidc/start', { tenant, target: '/people' })
  if (started.status !== 200) throw new Error(`start: ${started.status} ${JSON.stringify(started.body)}`)
  return new URL(await world.sandbox.openid.consent(started.body.authorizeUrl, account)).search
}
