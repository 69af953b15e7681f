import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { root, runScript } from './workspace.ts'

/** What is made of which sources. */
export interface FrontEnd {
  name: string
  folder: string
  /** Files and folders beside its own that go into it. */
  others: readonly string[]
}

export const h5: FrontEnd = {
  name: 'the H5 app',
  folder: 'apps/h5',
  others: [
    'packages/contracts/src',
    'packages/api-client/src',
    'packages/words/src',
    'packages/notification-settings/src',
    'packages/web-build/src',
    'pnpm-lock.yaml',
  ],
}
export const desktopConsole: FrontEnd = {
  name: 'the console',
  folder: 'apps/console',
  others: [
    'packages/contracts/src',
    'packages/api-client/src',
    'packages/words/src',
    'packages/notification-settings/src',
    'packages/web-build/src',
    'pnpm-lock.yaml',
  ],
}
export const phones: FrontEnd = {
  name: "the sandbox's phones",
  folder: 'apps/sandbox',
  others: ['pnpm-lock.yaml'],
}

const notSources = new Set(['node_modules', 'dist', 'test-output'])
const lookAgainMs = 250
/** A build takes seconds; a lock of this age was left by a process that was killed. */
const lockLivesMs = 5 * 60_000

/** Builds it unless what is built was built from these very sources. Two starts at once build once. */
export async function ensureBuilt(frontEnd: FrontEnd): Promise<void> {
  if (isFresh(frontEnd)) return
  using _lock = await takeLock(join(root, frontEnd.folder, 'node_modules', '.build-lock'))
  if (isFresh(frontEnd)) return
  console.log(`Building ${frontEnd.name} …`)
  await build(frontEnd, { quiet: true })
}

/** Builds it whatever is there. Throws when that fails. */
export async function build(frontEnd: FrontEnd, options: { quiet?: boolean } = {}): Promise<void> {
  const sources = digestOf(frontEnd)
  const code = await runScript(frontEnd.folder, 'build', options)
  if (code !== 0) throw new Error(`${frontEnd.name} could not be built (exit code ${code})`)
  writeFileSync(markOf(frontEnd), markText(frontEnd, sources))
}

/** Says which sources were built, and into what: a build made by other means is not mistaken for it. */
function markText({ folder }: FrontEnd, sources: string): string {
  const page = readFileSync(join(root, folder, 'dist', 'index.html'))
  return `${sources} ${createHash('sha256').update(page).digest('hex')}`
}

function markOf({ folder }: FrontEnd): string {
  return join(root, folder, 'node_modules', '.built-from')
}

function isFresh(frontEnd: FrontEnd): boolean {
  const isBuilt = existsSync(join(root, frontEnd.folder, 'dist', 'index.html')) && existsSync(markOf(frontEnd))
  return isBuilt && readFileSync(markOf(frontEnd), 'utf8') === markText(frontEnd, digestOf(frontEnd))
}

/** Of the sources' names and contents: times say little after a checkout. */
function digestOf({ folder, others }: FrontEnd): string {
  const hash = createHash('sha256')
  const add = (path: string): void => {
    const full = join(root, path)
    if (!statSync(full).isDirectory()) {
      hash.update(`${path}\0`).update(readFileSync(full)).update('\0')
      return
    }
    for (const name of readdirSync(full).sort()) if (isSource(name)) add(join(path, name))
  }
  for (const path of [folder, ...others]) add(path)
  return hash.digest('hex')
}

function isSource(name: string): boolean {
  return !notSources.has(name) && !name.startsWith('.') && !name.endsWith('.test.ts')
}

async function takeLock(path: string): Promise<Disposable> {
  for (;;) {
    try {
      mkdirSync(path)
      return { [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
    const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (age > lockLivesMs) rmSync(path, { recursive: true, force: true })
    else await wait(lookAgainMs)
  }
}
