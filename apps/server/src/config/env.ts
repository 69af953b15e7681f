import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'

/** Every environment variable that Countersign reads. `.env.example` explains each; a test keeps the two equal. */
export const environmentNames = [
  'HOST',
  'PORT',
  'PUBLIC_URL',
  'REGION',
  'DATA_DIR',
  'DATABASE_URL',
  'SECRET_KEY',
  'SECRET_KEY_FILE',
  'PROVISIONING_FILE',
  'LOG_LEVEL',
  'TRUST_PROXY',
] as const
export type EnvironmentName = (typeof environmentNames)[number]

/** What was set, as text. A name that is not there was not set. */
export type Environment = Partial<Record<EnvironmentName, string>>

/** The whole family belongs to OpenTelemetry, which checks it. */
const openTelemetryPrefix = 'OTEL_'
const ourPrefix = 'COUNTERSIGN_'
/** Names shorter than this are near too much else to be taken for a slip of ours. */
const shortestComparedName = 6
const largestSlip = 2
/** An empty key must not silently become a generated one: it is a lost key far more often than a wish. */
const neverEmpty: ReadonlySet<string> = new Set(['SECRET_KEY', 'SECRET_KEY_FILE'])
const envLine = /^\s*(?:#.*|(?:export\s+)?[A-Za-z_][A-Za-z0-9_]*\s*=.*)?$/

/**
 * Reads the process environment and, below it, `.env` in the given folder. Unknown names in `.env`, and names in the
 * process environment that look like a slip of one of ours, are problems: one line each, never with the value.
 */
export function readEnvironment(
  folder: string,
  variables: NodeJS.ProcessEnv = process.env,
): { environment: Environment; problems: string[] } {
  const file = readDotEnv(join(folder, '.env'))
  const problems = [
    ...file.problems,
    ...Object.keys(file.variables).flatMap((name) => explainUnknown(name, '.env: ', true)),
    ...Object.keys(variables).flatMap((name) => explainUnknown(name, '', false)),
  ]
  const environment: Environment = {}
  for (const name of environmentNames) {
    const value = variables[name] ?? file.variables[name]
    if (value === undefined) continue
    if (value !== '') environment[name] = value
    else if (neverEmpty.has(name)) problems.push(`${name} is empty: give it a value, or do not set it at all`)
  }
  return { environment, problems }
}

function readDotEnv(path: string): { variables: NodeJS.Dict<string>; problems: string[] } {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'unreadable'
    return { variables: {}, problems: code === 'ENOENT' ? [] : [`.env cannot be read (${String(code)})`] }
  }
  const problems = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .flatMap((line, index) => (envLine.test(line) ? [] : [`.env line ${index + 1} must be NAME=value or a # comment`]))
  return { variables: parseEnv(text), problems }
}

function explainUnknown(name: string, where: string, isOurs: boolean): string[] {
  if (isKnown(name) || name.startsWith(openTelemetryPrefix)) return []
  const meant = environmentNames.find((known) => isSlipOf(known, name))
  if (meant !== undefined) return [`${where}${printable(name)} is unknown: did you mean ${meant}?`]
  if (!isOurs && !name.toUpperCase().startsWith(ourPrefix)) return []
  return [`${where}${printable(name)} is unknown: allowed are ${environmentNames.join(', ')} and OTEL_*`]
}

function isKnown(name: string): name is EnvironmentName {
  return environmentNames.some((known) => known === name)
}

function isSlipOf(known: string, name: string): boolean {
  if (known.length < shortestComparedName || Math.abs(known.length - name.length) > largestSlip) return false
  return editDistance(known, name.toUpperCase()) <= largestSlip
}

/** Levenshtein: how many letters must be put in, left out or replaced. */
function editDistance(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let row = 1; row <= one.length; row += 1) {
    const line = [row]
    for (let column = 1; column <= other.length; column += 1) {
      const replaced = (above[column - 1] ?? 0) + (one[row - 1] === other[column - 1] ? 0 : 1)
      line.push(Math.min(replaced, (above[column] ?? 0) + 1, (line[column - 1] ?? 0) + 1))
    }
    above = line
  }
  return above[other.length] ?? 0
}

function printable(name: string): string {
  return name.replace(/[^\x21-\x7E]/g, '?').slice(0, 64)
}
