import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { approvalCard, createTestWorld, larkApp } from '#sandbox/_world.ts'
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
import { components } from './card/v2-components.ts'
import { coverage, drawnComponents, pushCoverage } from './coverage.ts'
import { createLarkPlatform } from './platform.ts'

it('the coverage ledger names exactly the routes that are served', () => {
  const changes = createChanges()
  const world = new World(parseSeed(createDefaultSeed('http://localhost:8080')))
  const { routes } = createLarkPlatform(
    {
      changes,
      world,
      groups: new Groups(changes, world, []),
      clock: createClock(Date.now),
      faults: createFaults(changes),
      wire: createWire(changes),
      limits: documentedLimits,
    },
    createPoster(),
  )
  const name = ({ method, path }: { method: string; path: string }) => `${method} ${path}`
  expect(coverage.map(name).sort()).toEqual(routes.map(name).sort())
})

it('the coverage ledger names exactly the pushes that are made', async () => {
  await using world = await createTestWorld()
  const messageId = await world.sendCard('alice', approvalCard())
  await world.sandbox.press('alice', messageId, 'approve')
  await world.sandbox.say('alice', 'help')
  await world.sandbox.enterChat('alice')
  await world.sandbox.verifyUrl(larkApp)
  const pushed = world.sandbox.wire
    .filter(({ direction }) => direction === 'out')
    .map(({ plainBody }) => JSON.parse(plainBody ?? '') as { type?: string; header?: { event_type: string } })
    .map(({ type, header }) => header?.event_type ?? type)
  expect(pushed.sort()).toEqual(pushCoverage.map(({ type }) => type).sort())
})

it('the coverage ledger names exactly the components that the phones draw', () => {
  const source = readFileSync(new URL('../../../ui/src/card/CardElement.vue', import.meta.url), 'utf8')
  const drawn = Object.keys(components).filter((tag) => source.includes(`tag === '${tag}'`))
  // A column is drawn by its set.
  expect([...drawn, 'column'].sort()).toEqual([...drawnComponents].sort())
})
