/**
 * The platforms' clock. It runs with the wall clock until a test pushes it forward: token lifetimes, the 14 days of a
 * card and the retries of an event are all measured on it.
 */
export interface Clock {
  /** Milliseconds since the epoch, as the platforms see it. */
  now(): number
  /**
   * Milliseconds since the epoch as everybody else sees it. Signatures and event times use this one: the server under
   * test does not travel with `advance`, and would rightly refuse a callback from the future.
   */
  wallNow(): number
  /** Moves the platforms forward and finishes everything that became due on the way, in order. */
  advance(ms: number): Promise<void>
  /** Runs the task once `now()` reaches `dueAt`; the returned function forgets it. */
  at(dueAt: number, task: () => Promise<void>): () => void
  /** Forgets every task. */
  clear(): void
  /** How far the platforms are ahead of the wall clock, in milliseconds. */
  offset(): number
}

interface Task {
  dueAt: number
  run: () => Promise<void>
}

/** A timer cannot be longer than this; a later task re-arms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Builds the clock over `wall` (Date.now unless a test injects its own). */
export function createClock(wall: () => number, offsetMs = 0): Clock {
  let offset = offsetMs
  let tasks: Task[] = []
  let timer: NodeJS.Timeout | undefined

  const now = () => wall() + offset

  const runDue = async () => {
    for (;;) {
      const next = tasks[0]
      if (next === undefined || next.dueAt > now()) break
      tasks.shift()
      await next.run()
    }
    arm()
  }

  const arm = () => {
    clearTimeout(timer)
    const next = tasks[0]
    if (next === undefined) return
    const delay = Math.min(Math.max(next.dueAt - now(), 1), LONGEST_TIMER_MS)
    timer = setTimeout(() => void runDue(), delay)
    timer.unref()
  }

  return {
    now,
    wallNow: wall,
    offset: () => offset,
    advance: async (ms) => {
      const target = offset + ms
      // Stepping from task to task keeps "15 s, 5 min, 1 h, 6 h" four separate moments inside one big jump.
      for (;;) {
        const next = tasks[0]
        if (next === undefined || next.dueAt > wall() + target) break
        offset = Math.max(offset, next.dueAt - wall())
        await runDue()
      }
      offset = Math.max(offset, target)
      arm()
    },
    at: (dueAt, run) => {
      const task = { dueAt, run }
      const position = tasks.findIndex((other) => other.dueAt > dueAt)
      tasks.splice(position < 0 ? tasks.length : position, 0, task)
      arm()
      return () => {
        tasks = tasks.filter((other) => other !== task)
        arm()
      }
    },
    clear: () => {
      tasks = []
      clearTimeout(timer)
    },
  }
}
