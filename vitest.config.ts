import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

const second = 1_000

interface Project {
  name: string
  include: string[]
  timeoutMs: number
  /** Projects of a lower number are through before those of a higher one begin. */
  order: number
  more?: TestProjectInlineConfiguration
}

function project({ name, include, timeoutMs, order, more = {} }: Project): TestProjectInlineConfiguration {
  return {
    ...more,
    test: {
      name,
      include,
      testTimeout: timeoutMs,
      hookTimeout: Math.max(timeoutMs, 60 * second),
      sequence: { groupOrder: order },
    },
  }
}

const unit = (name: string, folder: string, more?: TestProjectInlineConfiguration): TestProjectInlineConfiguration =>
  project({
    name,
    include: [`${folder}/**/*.test.ts`],
    timeoutMs: 30 * second,
    order: 0,
    ...(more === undefined ? {} : { more }),
  })

/** Beside the code: one project for each workspace. Across workspaces, in tests/: what is slow comes last, by itself. */
export default defineConfig({
  test: {
    // Everything is meant to run on two cores; more workers only make timeouts.
    maxWorkers: 2,
    projects: [
      unit('contracts', 'packages/contracts'),
      unit('api-client', 'packages/api-client'),
      unit('notification-settings', 'packages/notification-settings', {
        extends: './apps/h5/vite.config.ts',
        root: '.',
      }),
      unit('server', 'apps/server'),
      unit('sandbox', 'apps/sandbox'),
      unit('h5', 'apps/h5', { extends: './apps/h5/vite.config.ts', root: '.' }),
      unit('console', 'apps/console', { extends: './apps/console/vite.config.ts', root: '.' }),
      unit('scripts', 'scripts'),
      unit('bench', 'bench'),
      project({ name: 'wire', include: ['tests/wire/**/*.test.ts'], timeoutMs: 60 * second, order: 1 }),
      project({ name: 'fault', include: ['tests/fault/**/*.test.ts'], timeoutMs: 300 * second, order: 2 }),
      project({ name: 'browser', include: ['tests/browser/**/*.test.ts'], timeoutMs: 180 * second, order: 3 }),
      // Compares loading times: nothing else may run beside it.
      project({ name: 'load', include: ['tests/load/**/*.test.ts'], timeoutMs: 600 * second, order: 4 }),
    ],
  },
})
