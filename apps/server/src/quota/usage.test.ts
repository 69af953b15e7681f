import { describe, expect, it } from 'vitest'
import type { CallQuota } from '#server/channels/channel.ts'
import { chinaMonth } from './month.ts'
import { callQuota, type Usage, usageOf, warningFor } from './usage.ts'

const noon = Date.parse('2026-11-10T04:00:00Z')
const month = chinaMonth(noon)

function quotaOf(...settings: Parameters<typeof callQuota>): CallQuota {
  const quota = callQuota(...settings)
  if (quota === null) throw new Error('there is a quota')
  return quota
}

const at = (calls: number, now = noon, quota = quotaOf(1_000, undefined)): Usage =>
  usageOf(calls, quota, chinaMonth(now), now)

describe('the month', () => {
  it('begins and ends at midnight in China', () => {
    expect(chinaMonth(Date.parse('2026-11-30T15:59:59.999Z')).name).toBe('2026-11')
    expect(chinaMonth(Date.parse('2026-11-30T16:00:00Z')).name).toBe('2026-12')
    expect(new Date(month.startsAt).toISOString()).toBe('2026-10-31T16:00:00.000Z')
    expect(new Date(month.endsAt).toISOString()).toBe('2026-11-30T16:00:00.000Z')
    expect(chinaMonth(Date.parse('2026-12-31T16:00:00Z')).name).toBe('2027-01')
  })
})

describe('the forecast', () => {
  it('goes on as the month began', () => {
    expect(at(310, month.startsAt + 15.5 * 24 * 3_600_000).forecast).toBe(600)
    expect(at(310, month.endsAt - 1).forecast).toBe(310)
  })

  it('does not take the first minutes for the whole month', () => {
    expect(at(10, month.startsAt + 60_000).forecast).toBeLessThanOrEqual(310)
  })
})

describe('savings', () => {
  it('come one after another, the mildest first', () => {
    const orders = [499, 500, 750, 850, 950, 990].map((calls) => [...at(calls).savings])
    const all = ['mergeUpdates', 'reminders', 'onlookers', 'cards', 'everything']
    expect(orders).toEqual([0, 1, 2, 3, 4, 5].map((count) => all.slice(0, count)))
  })

  it('are not made while what is left lasts until the end of the month', () => {
    const lastDay = month.endsAt - 12 * 3_600_000
    expect(at(900, lastDay).forecast).toBeLessThan(1_000)
    expect(at(900, lastDay).savings.size).toBe(0)
    expect(at(995, lastDay).savings.size).toBe(5)
  })

  it('follow the settings in order and extent', () => {
    const quota = quotaOf(1_000, { reminders: 1, mergeUpdates: 90, cards: 'never' })
    expect([...at(400, month.startsAt + 3_600_000, quota).savings]).toEqual(['reminders'])
    expect([...at(1_000, noon, quota).savings]).toEqual(['mergeUpdates', 'reminders', 'onlookers', 'everything'])
  })

  it('are none where nothing limits the calls', () => {
    expect(callQuota(null, { reminders: 1 })).toBeNull()
  })
})

it('warns of 70 and 90 percent', () => {
  expect([699, 700, 899, 900, 1_200].map((calls) => warningFor(at(calls)))).toEqual([null, 70, 70, 90, 90])
})
