import { accessSync, constants, existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, join } from 'node:path'
import { root, run } from './workspace.ts'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const usualPlaces = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]
/** Chinese, Japanese and Arabic on the screenshots. */
const debianPackages = ['chromium', 'fonts-noto-cjk', 'fonts-noto-core']

/** The Chromium that browser tests use: CHROME_PATH, else the machine's, else the browser tool's own. Null: there is none. */
export function findChromium(): string | null {
  const given = process.env.CHROME_PATH
  if (given !== undefined && given !== '') return isProgram(given) ? given : null
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const candidates = [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...usualPlaces]
  return candidates.find(isProgram) ?? downloadedChromium()
}

/** As `findChromium`, installing one if there is none. Throws, saying what is missing, when that cannot be done. */
export async function ensureChromium(): Promise<string> {
  const found = findChromium()
  if (found !== null) return found
  if (process.env.CHROME_PATH) throw new Error(`CHROME_PATH is ${process.env.CHROME_PATH}, which is no program`)
  console.log('No Chromium found: installing one …')
  if (!(await installFromDebian())) await run(process.execPath, [browserTool(), 'install', 'chromium'])
  const installed = findChromium()
  if (installed !== null) return installed
  throw new Error(
    'The browser tests need Chromium, and it could not be installed. Install it (Debian: apt-get install chromium) or set CHROME_PATH to the program.',
  )
}

/** Only as root, on a system with apt. */
async function installFromDebian(): Promise<boolean> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return false
  const variables = { DEBIAN_FRONTEND: 'noninteractive' }
  if ((await run('apt-get', ['update', '-q'], { variables })) !== 0) return false
  return (
    (await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...debianPackages], { variables })) === 0
  )
}

function browserTool(): string {
  return join(root, 'tests/node_modules/playwright-core/cli.js')
}

function downloadedChromium(): string | null {
  const tool: unknown = createRequire(join(root, 'tests/package.json'))('playwright-core')
  if (typeof tool !== 'object' || tool === null || !('chromium' in tool)) return null
  const { chromium } = tool as { chromium: { executablePath(): string } }
  return isProgram(chromium.executablePath()) ? chromium.executablePath() : null
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
