import { expect, it } from 'vitest'
import { createChanges } from '#sandbox/changes.ts'
import { createClock } from '#sandbox/clock.ts'
import { createDefaultSeed } from '#sandbox/default-seed.ts'
import { createFaults } from '#sandbox/faults.ts'
import { Groups } from '#sandbox/groups/groups.ts'
import { documentedLimits } from '#sandbox/limits.ts'
import { createPoster } from '#sandbox/post.ts'
import { parseSeed } from '#sandbox/seed.ts'
import { createWire } from '#sandbox/wire.ts'
import { World } from '#sandbox/world.ts'
import { coverage } from './coverage.ts'
import { createDingtalkPlatform } from './platform.ts'
import { documentedDingtalkSettings } from './settings.ts'

it('the coverage ledger names exactly the routes that are served', () => {
  const changes = createChanges()
  const world = new World(parseSeed(createDefaultSeed('http://localhost:8080')))
  const core = {
    changes,
    world,
    groups: new Groups(changes, world, []),
    clock: createClock(Date.now),
    faults: createFaults(changes),
    wire: createWire(changes),
    limits: documentedLimits,
  }
  const { routes } = createDingtalkPlatform(core, createPoster(), documentedDingtalkSettings)
  const name = ({ method, host, path }: { method: string; host: string; path: string }) => `${method} ${host} ${path}`
  expect(coverage.map(name).sort()).toEqual(routes.map(name).sort())
})
