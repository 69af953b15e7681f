import { readFileSync } from 'node:fs'

/** How often the launcher is looked after. */
const lookEveryMs = 1_000

/**
 * `npx` dies of a signal without passing it on, and would leave the server behind as an orphan. Where this process was
 * started through npx, it stops like after SIGTERM once npx is gone. On systems without /proc nothing is watched.
 */
export function stopWithLauncher(): void {
  const launcher = findLauncher(process.ppid)
  if (launcher === null) return
  const timer = setInterval(() => {
    if (isAlive(launcher)) return
    clearInterval(timer)
    process.kill(process.pid, 'SIGTERM')
  }, lookEveryMs)
  timer.unref()
}

/** The nearest ancestor that is npx (which calls itself `npm exec`). */
function findLauncher(pid: number): number | null {
  const ancestor = readProcess(pid)
  if (ancestor === null || pid <= 1) return null
  return /^npm exec |\bnpx\b/.test(ancestor.command) ? pid : findLauncher(ancestor.parent)
}

function readProcess(pid: number): { command: string; parent: number } | null {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    const parent = /^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    return { command, parent: Number(parent ?? 0) }
  } catch {
    // No /proc, or the process has ended in between: there is nothing to watch.
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    // ESRCH: it is gone.
    return false
  }
}
