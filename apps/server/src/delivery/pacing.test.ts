import { describe, expect, it } from 'vitest'
import { Pacing } from './pacing.ts'

describe('looking into the queue', () => {
  it('may begin at once', () => {
    expect(new Pacing().waitMs(0)).toBe(0)
  })

  it('takes a tenth of the time and no more', () => {
    const pacing = new Pacing()
    pacing.ended(1_000, 20)
    expect(pacing.waitMs(1_000)).toBe(180)
    expect(pacing.waitMs(1_100)).toBe(80)
    expect(pacing.waitMs(1_180)).toBe(0)
  })

  it('is never put off for long, however dear it was', () => {
    const pacing = new Pacing()
    pacing.ended(0, 60_000)
    expect(pacing.waitMs(0)).toBe(500)
  })
})
