import { TenantId, Uid } from '@countersign/contracts'
import { loadConfig } from '#server/config/config.ts'
import { type Administrator, ensureAdministrator } from '#server/first-start/administrator.ts'
import { issueOneTimeLink } from '#server/session/one-time-link.ts'
import { type Command, CommandFailed } from './command.ts'
import { openHost } from './host.ts'

export const createAdmin: Command = {
  name: 'create-admin',
  usage: '[--tenant <id>] [--uid <uid>] [--name <name>]',
  summary: 'make somebody an administrator, and print a link that logs them in once',
  options: { tenant: { type: 'string' }, uid: { type: 'string' }, name: { type: 'string' } },
  takes: 0,
  async run({ folder, variables, options, out }) {
    const config = loadConfig(folder, variables)
    await using store = await openHost(config)
    const tenants = await store.stores.settings.tenants()
    const admin = readAdministrator(
      options,
      tenants.map(({ id }) => id),
    )
    const now = Date.now()
    const { outcome, link } = await store.run(async (tx) => ({
      outcome: await ensureAdministrator(tx, admin, now),
      link: await issueOneTimeLink(tx, admin, { publicUrl: config.publicUrl, now }),
    }))
    const words = { made: 'was added as', promoted: 'is now', kept: 'is already' }
    out(`${admin.uid} ${words[outcome]} an administrator of ${admin.tenantId}. To log in, once, within 24 hours:`)
    out(link)
  },
}

/** Throws CommandFailed naming what is wrong. */
function readAdministrator(
  options: Readonly<Record<string, string | boolean | undefined>>,
  tenants: readonly string[],
): Administrator {
  const [only, ...others] = tenants
  if (options.tenant === undefined && others.length > 0) {
    throw new CommandFailed(`--tenant must say which: ${tenants.join(', ')}`)
  }
  const tenantId = TenantId.safeParse(options.tenant ?? only ?? 'main')
  if (!tenantId.success) throw new CommandFailed(`--tenant ${tenantId.error.issues[0]?.message}`)
  const uid = Uid.safeParse(options.uid ?? 'admin')
  if (!uid.success) throw new CommandFailed(`--uid ${uid.error.issues[0]?.message}`)
  const name = typeof options.name === 'string' && options.name.trim() !== '' ? options.name.trim() : uid.data
  if (name.length > 128) throw new CommandFailed('--name must have at most 128 characters')
  return { tenantId: tenantId.data, tenantName: tenantId.data, uid: uid.data, name }
}
