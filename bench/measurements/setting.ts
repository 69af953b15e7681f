import type { Load } from '../load/load.ts'

/** What every measurement is given. */
export interface Setting {
  /** For databases, logs and profiles; on the disk of the project, since memory would make durability free. */
  folder: string
  load: Load
  isQuick: boolean
  /** Write CPU profiles of the server. */
  isProfiled: boolean
  /** Tells the person at the terminal what goes on. */
  say(text: string): void
}
