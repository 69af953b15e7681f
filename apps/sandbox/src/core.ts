import type { Changes } from './changes.ts'
import type { Clock } from './clock.ts'
import type { Faults } from './faults.ts'
import type { Groups } from './groups/groups.ts'
import type { Limits } from './limits.ts'
import type { Wire } from './wire.ts'
import type { World } from './world.ts'

/** What every platform folder builds on. */
export interface Core {
  world: World
  groups: Groups
  clock: Clock
  changes: Changes
  faults: Faults
  wire: Wire
  limits: Limits
}
