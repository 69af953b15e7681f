import { describe, expect, it } from 'vitest'
import { run } from './workspace.ts'

describe('a program that is run for a script', () => {
  it('gives its exit code back, and finds the programs of the workspace', async () => {
    expect(await run('node', ['-e', 'process.exit(3)'], { quiet: true })).toBe(3)
    expect(await run('biome', ['--version'], { quiet: true })).toBe(0)
    await expect(run('no-such-program', [])).rejects.toThrow('ENOENT')
  })

  it('runs on the pinned Node', async () => {
    const check = `process.exit(process.version === 'v' + require('./package.json').dependencies.node ? 0 : 1)`
    expect(await run('node', ['-e', check], { quiet: true })).toBe(0)
  })
})
