import { startChild } from '../processes/child.ts'
import { serverVariables } from '../processes/server.ts'

export interface Seeded {
  folder: string
  larkUrl: string
  tickets: number
  /** File of the taps to be made; null: none are. */
  taps: string | null
}

/** Fills the database of a server that will start in this folder, in a process of its own. */
export async function seedDatabase({ folder, larkUrl, tickets, taps }: Seeded): Promise<void> {
  const variables = { ...serverVariables({ folder, larkUrl }, 1), LOG_LEVEL: 'error' }
  await using child = startChild({ name: 'seed', file: 'world/seed.ts', folder })
  await child.ask('seed', { variables, folder, tickets, taps })
}
