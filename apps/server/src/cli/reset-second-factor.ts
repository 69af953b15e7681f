import { TenantId, Uid } from '@countersign/contracts'
import { loadConfig } from '#server/config/config.ts'
import { resetSecondFactor } from '#server/second-factor/remove.ts'
import { type Command, CommandFailed } from './command.ts'
import { expectDatabase, openHost } from './host.ts'

export const resetSecondFactorOf: Command = {
  name: 'reset-second-factor',
  usage: '--tenant <id> --uid <uid>',
  summary: 'take away the second factor of somebody who has lost it, and end their sessions',
  options: { tenant: { type: 'string' }, uid: { type: 'string' } },
  takes: 0,
  async run({ folder, variables, options, out }) {
    const tenantId = TenantId.safeParse(options.tenant)
    if (!tenantId.success) throw new CommandFailed('--tenant must name the tenant')
    const uid = Uid.safeParse(options.uid)
    if (!uid.success) throw new CommandFailed('--uid must name the person')
    const person = { tenantId: tenantId.data, uid: uid.data }
    const config = loadConfig(folder, variables)
    expectDatabase(config)
    await using store = await openHost(config)
    const found = await store.stores.people.row(person.tenantId, person.uid)
    if (found === null) throw new CommandFailed(`there is no person ${person.uid} in ${person.tenantId}`)
    const isReset = await store.run((tx) => resetSecondFactor(tx, person, { actor: 'operator', at: Date.now() }))
    if (!isReset) throw new CommandFailed(`${person.uid} has no second factor`)
    out(`${person.uid} of ${person.tenantId} has no second factor any more, and is logged out everywhere.`)
  },
}
