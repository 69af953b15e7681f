import { resolve } from 'node:path'
import { ConfigError, parseConfig } from '#server/config/config.ts'
import { readEnvironment } from '#server/config/env.ts'
import { checkSecretKeys } from '#server/config/secrets.ts'
import { readProvisioningFile } from '#server/provisioning/read.ts'
import type { Command } from './command.ts'

/** Everything that would stop the start, at once; changes nothing, not even the database is opened. */
export const checkConfig: Command = {
  name: 'check-config',
  usage: '',
  summary: 'check the environment, .env and the provisioning file; change nothing',
  takes: 0,
  async run({ folder, variables, out }) {
    const { environment, problems } = readEnvironment(folder, variables)
    const parsed = parseConfig(environment, folder)
    const all = [
      ...problems,
      ...(parsed.ok ? checkSecretKeys(parsed.config.secretKey) : parsed.problems),
      ...provisioningProblems(environment.PROVISIONING_FILE, folder),
    ]
    if (all.length > 0) throw new ConfigError(all)
    out('OK')
  },
}

function provisioningProblems(path: string | undefined, folder: string): string[] {
  if (path === undefined || path.includes('\0')) return []
  try {
    readProvisioningFile(resolve(folder, path))
    return []
  } catch (error) {
    if (error instanceof ConfigError) return [...error.problems]
    throw error
  }
}
