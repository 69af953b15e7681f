import { parseArgs } from 'node:util'
import { ConfigError } from '#server/config/config.ts'
import { SecretKeyError } from '#server/crypto/key-ring.ts'
import { backup, restore } from './backup.ts'
import { checkConfig } from './check-config.ts'
import { type Command, CommandFailed, type CommandInput } from './command.ts'
import { createAdmin } from './create-admin.ts'
import { dingtalkTemplate } from './dingtalk-template.ts'
import { doctor } from './doctor.ts'
import { exportConfig } from './export-config.ts'
import { migrate } from './migrate.ts'
import { resetSecondFactorOf } from './reset-second-factor.ts'
import { verifyAudit } from './verify-audit.ts'

const commands: readonly Command[] = [
  checkConfig,
  doctor,
  migrate,
  exportConfig,
  verifyAudit,
  backup,
  restore,
  dingtalkTemplate,
  createAdmin,
  resetSecondFactorOf,
]

export type CliHost = Pick<CommandInput, 'folder' | 'variables' | 'out' | 'complain'>

const done = 0
const failed = 1
const misused = 2

/** Runs one command and resolves with the exit code. No command applies the provisioning file: only a start does. */
export async function runCli(words: readonly string[], host: CliHost): Promise<number> {
  const [name, ...rest] = words
  if (name === 'help' || name === '--help' || name === '-h') {
    host.out(usage())
    return done
  }
  const command = commands.find((each) => each.name === name)
  const given = command === undefined ? null : readArguments(command, rest)
  if (command === undefined || given === null) {
    host.complain(usage())
    return misused
  }
  try {
    await command.run({ ...host, ...given })
    return done
  } catch (error) {
    if (!isExpected(error)) throw error
    host.complain(error.message)
    return failed
  }
}

function readArguments(command: Command, words: string[]): Pick<CommandInput, 'options' | 'arguments'> | null {
  try {
    const parsed = parseArgs({ args: words, options: command.options ?? {}, allowPositionals: true })
    const options = parsed.values as CommandInput['options']
    const [least, most] = typeof command.takes === 'number' ? [command.takes, command.takes] : command.takes
    const count = parsed.positionals.length
    return count >= least && count <= most ? { options, arguments: parsed.positionals } : null
  } catch {
    // An option that the command does not have: the usage says which there are.
    return null
  }
}

/** What a person can mend; anything else is a fault of ours and keeps its stack. */
function isExpected(error: unknown): error is Error {
  const kinds = [CommandFailed, ConfigError, SecretKeyError]
  return kinds.some((kind) => error instanceof kind)
}

function usage(): string {
  const calls = commands.map(({ name, usage: args, summary }) => ({ call: `${name} ${args}`.trim(), summary }))
  const width = Math.max(...calls.map(({ call }) => call.length))
  return [
    'usage: pnpm cli <command>',
    '',
    ...calls.map((each) => `  ${each.call.padEnd(width)}  ${each.summary}`),
  ].join('\n')
}
