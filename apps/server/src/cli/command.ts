import type { ParseArgsOptionsConfig } from 'node:util'

/** What a command works with; tests give their own. */
export interface CommandInput {
  /** Where `.env` lies, and what relative paths start from. */
  folder: string
  /** The process's own environment unless given. */
  variables: NodeJS.ProcessEnv | undefined
  options: Readonly<Record<string, string | boolean | undefined>>
  arguments: readonly string[]
  /** A line for the person, or for a file. */
  out(line: string): void
  /** A line about what went wrong. */
  complain(line: string): void
}

/** A command could not do its work; the message is all that the person needs. */
export class CommandFailed extends Error {
  override name = 'CommandFailed'
}

export interface Command {
  name: string
  /** Arguments as the usage shows them. */
  usage: string
  summary: string
  options?: ParseArgsOptionsConfig
  /** How many arguments it takes, or the least and the most. */
  takes: number | readonly [least: number, most: number]
  /** Throws CommandFailed or ConfigError: exit code 1. */
  run(input: CommandInput): Promise<void>
}
