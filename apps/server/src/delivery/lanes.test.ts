import { describe, expect, it } from 'vitest'
import { cautiousRoom, Lanes } from './lanes.ts'

const quick = 100
const hanging = 15_000

function answered(lanes: Lanes, lane: string, tookMs: number, times = 1): void {
  for (let n = 0; n < times; n += 1) {
    lanes.enter(lane)
    lanes.leave(lane, tookMs)
  }
}

describe('the room of a lane', () => {
  it('begins carefully and widens while the platform answers quickly', () => {
    const lanes = new Lanes(32)
    lanes.enter('a')
    expect(lanes.room(0).get('a')).toBe(cautiousRoom - 1)
    answered(lanes, 'a', quick, 20)
    expect(lanes.room(0).get('a')).toBe(11)
  })

  it('narrows when a call hangs, and is down to a single probe when calls go on hanging', () => {
    const lanes = new Lanes(32)
    lanes.enter('a')
    answered(lanes, 'a', quick, 20)
    answered(lanes, 'a', hanging)
    expect(lanes.room(0).get('a')).toBe(cautiousRoom - 1)
    answered(lanes, 'a', hanging, 3)
    expect(lanes.room(0).get('a')).toBe(0)
    answered(lanes, 'a', quick)
    expect(lanes.room(0).get('a')).toBe(cautiousRoom)
  })

  it('gives more than the careful share only while half of the whole is free', () => {
    const lanes = new Lanes(32)
    lanes.enter('a')
    answered(lanes, 'a', quick, 20)
    for (let n = 0; n < 15; n += 1) lanes.enter(`other-${n}`)
    expect(lanes.free).toBe(16)
    expect(lanes.room(0).get('a')).toBe(cautiousRoom - 1)
  })

  it('is none until a pause is over', () => {
    const lanes = new Lanes(32)
    lanes.pause('a', 500)
    lanes.pause('a', 300)
    expect(lanes.room(499).get('a')).toBe(0)
    expect(lanes.room(500).get('a')).toBeUndefined()
  })

  it('forgets lanes that nothing is to be remembered of', () => {
    const lanes = new Lanes(32)
    answered(lanes, 'a', quick, 3)
    expect(lanes.room(0).size).toBe(0)
    lanes.enter('a')
    lanes.leave('a', null)
    expect(lanes.free).toBe(32)
  })
})
