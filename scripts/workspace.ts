import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the checkout. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** Every workspace folder that has a script of this name, for example `build`. */
export function foldersWithScript(script: string): string[] {
  const folders = [
    'apps/server',
    'apps/h5',
    'apps/console',
    'apps/sandbox',
    'packages/contracts',
    'packages/api-client',
    'packages/web-build',
    'tests',
    'bench',
  ]
  return folders.filter((folder) => scriptOf(folder, script) !== null)
}

/** Runs a workspace's own script, as the package manager would. Resolves with the exit code. */
export function runScript(folder: string, script: string, options: { quiet?: boolean } = {}): Promise<number> {
  const command = scriptOf(folder, script)
  if (command === null) throw new Error(`${folder} has no script ${script}`)
  return run(command, [], { ...options, folder, shell: true })
}

interface RunOptions {
  folder?: string
  shell?: boolean
  variables?: NodeJS.ProcessEnv
  /** Shows its output only when it fails. */
  quiet?: boolean
}

/** Runs a program of the root's `node_modules/.bin`, or of the machine. Resolves with the exit code. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<number> {
  const cwd = join(root, options.folder ?? '')
  const path = [join(cwd, 'node_modules/.bin'), join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter)
  const output = options.quiet ? 'pipe' : 'inherit'
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...options.variables, PATH: path },
    stdio: ['ignore', output, output],
    shell: options.shell ?? false,
  })
  const said: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => said.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => said.push(chunk))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => {
      if (code !== 0) process.stderr.write(Buffer.concat(said))
      resolve(code ?? 1)
    })
  })
}

function scriptOf(folder: string, script: string): string | null {
  const file = join(root, folder, 'package.json')
  if (!existsSync(file)) return null
  const { scripts = {} }: { scripts?: Record<string, string> } = JSON.parse(readFileSync(file, 'utf8'))
  return scripts[script] ?? null
}
