import { loadConfig } from '#server/config/config.ts'
import type { Command } from './command.ts'
import { openHost } from './host.ts'

export const migrate: Command = {
  name: 'migrate',
  usage: '',
  summary: 'bring the database up to date, as every start does',
  takes: 0,
  async run({ folder, variables, out }) {
    await using _store = await openHost(loadConfig(folder, variables))
    out('The database is up to date.')
  },
}
