import { loadConfig } from '#server/config/config.ts'
import { exportProvisioningFile } from '#server/provisioning/export.ts'
import type { Command } from './command.ts'
import { expectDatabase, openHost } from './host.ts'

export const exportConfig: Command = {
  name: 'export-config',
  usage: '',
  summary: 'write everything that is set as a provisioning file, secrets left out',
  takes: 0,
  async run({ folder, variables, out }) {
    const config = loadConfig(folder, variables)
    expectDatabase(config)
    await using store = await openHost(config)
    out((await exportProvisioningFile(store.stores)).trimEnd())
  },
}
