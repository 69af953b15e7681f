import { readFileSync, statSync } from 'node:fs'
import { ProvisioningFile } from '@countersign/contracts'
import { isScalar, LineCounter, parseDocument, visit } from 'yaml'
import type { ZodError, z } from 'zod'
import { ConfigError } from '#server/config/config.ts'
import type { FileProblem } from './file-problem.ts'
import { validateReferences } from './validate.ts'

/** Larger than any real tenant list; a slip such as a database dump must not be read into memory. */
const largestFileBytes = 16 * 1024 * 1024

/**
 * Reads and checks the provisioning file as a whole, changing nothing. Throws ConfigError with one line for each problem:
 * the dotted path and what is allowed, never a value.
 */
export function readProvisioningFile(path: string): ProvisioningFile {
  return parseProvisioningFile(readText(path))
}

/** As `readProvisioningFile`, of the file's text: YAML, or JSON, which is YAML too. */
export function parseProvisioningFile(text: string): ProvisioningFile {
  const content = parseYaml(text)
  const parsed = ProvisioningFile.safeParse(content)
  if (!parsed.success) throw refuse(problemsOf(parsed.error, content))
  const problems = validateReferences(parsed.data)
  if (problems.length > 0) throw refuse(problems)
  return parsed.data
}

function refuse(problems: readonly FileProblem[]): ConfigError {
  return new ConfigError(
    problems.map(({ path, message }) => `PROVISIONING_FILE: ${path === '' ? message : `${path} ${message}`}`),
  )
}

function readText(path: string): string {
  try {
    if (statSync(path).size > largestFileBytes) throw new ConfigError(['PROVISIONING_FILE is larger than 16 MB'])
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof ConfigError) throw error
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
    throw new ConfigError([`PROVISIONING_FILE cannot be read (${code})`])
  }
}

function parseYaml(text: string): unknown {
  const lineCounter = new LineCounter()
  // Pretty errors quote the line they are about, and with it perhaps a secret.
  const document = parseDocument(text, { lineCounter, prettyErrors: false, uniqueKeys: true })
  const at = (offset: number): string => {
    const { line, col } = lineCounter.linePos(offset)
    return `line ${line}, column ${col}`
  }
  const problems = document.errors.map((error) => ({
    path: '',
    message: `${at(error.pos[0])} is not valid YAML or JSON (${error.code.toLowerCase().replaceAll('_', ' ')})`,
  }))
  visit(document, {
    Scalar(_key, node) {
      if (isScalar(node) && typeof node.value === 'number' && !isExact(node.value, node.source))
        problems.push({
          path: '',
          message: `${at(node.range?.[0] ?? 0)} is a number too long to be kept exactly: put it in quotes`,
        })
    },
  })
  if (problems.length > 0) throw refuse(problems)
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch {
    // Too many aliases make a huge thing of a small file.
    throw refuse([{ path: '', message: 'has a YAML alias (*name) that leads nowhere, or too many of them' }])
  }
}

/** Ids of platforms may be longer than a number can hold; unquoted they would silently become another id. */
function isExact(value: number, source: string | undefined): boolean {
  return !Number.isInteger(value) || Number.isSafeInteger(value) || source === undefined
}

/** Every issue as a dotted path and a sentence. */
function problemsOf(error: ZodError, content: unknown): FileProblem[] {
  return error.issues.flatMap((issue) => problemsOfIssue(issue, [], content))
}

function problemsOfIssue(issue: z.core.$ZodIssue, above: readonly PropertyKey[], content: unknown): FileProblem[] {
  const path = [...above, ...issue.path]
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(path, key, content))
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // Of several allowed shapes, the one that was most nearly met.
    const [nearest] = [...issue.errors].sort((one, other) => one.length - other.length)
    return (nearest ?? []).flatMap((inner) => problemsOfIssue(inner, path, content))
  }
  return [{ path: dotted(path), message: sentenceOf(issue) }]
}

const fieldName = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/

/** A slip of punctuation can make a field of a secret: what has no value, or does not look like a name, is not repeated. */
function unknownField(path: readonly PropertyKey[], key: string, content: unknown): FileProblem {
  const value = [...path, key].reduce<unknown>(
    (at, part) => (typeof at === 'object' && at !== null ? Reflect.get(at, part) : undefined),
    content,
  )
  return value !== null && value !== undefined && fieldName.test(key)
    ? { path: dotted([...path, key]), message: 'is not a known field' }
    : { path: dotted(path), message: 'has a field that is not known' }
}

function sentenceOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type')
    return issue.message.endsWith('undefined') ? 'is required' : `must be ${withArticle(issue.expected)}`
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`
  return issue.message.startsWith('must ') ? issue.message : `is not allowed: ${issue.message}`
}

function withArticle(type: string): string {
  const word = type === 'record' || type === 'object' ? 'mapping' : type === 'array' ? 'list' : type
  const article = word === 'int' ? 'a whole number' : `a ${word}`
  return word === 'string' ? 'text (put it in quotes)' : article
}

function dotted(path: readonly PropertyKey[]): string {
  return path
    .map((part) =>
      String(part)
        .replace(/[^\x20-\x7E]/g, '?')
        .slice(0, 64),
    )
    .join('.')
}
