import { describe, expect, it } from 'vitest'
import { durationMs, ReminderLadder } from './reminders.ts'

const hour = 3_600_000

describe('a reminder ladder', () => {
  it('has steps in days, hours and minutes, the last of which may be urgent', () => {
    const ladder = ReminderLadder.parse([{ after: 'PT90M' }, { after: 'PT4H' }, { after: 'P1DT12H', buzz: true }])
    expect(ladder.map(({ after, buzz }) => [durationMs(after) / hour, buzz])).toEqual([
      [1.5, false],
      [4, false],
      [36, true],
    ])
    expect(ReminderLadder.parse([])).toEqual([])
  })

  it.each([
    ['P', [{ after: 'P' }]],
    ['PT', [{ after: 'PT' }]],
    ['P1DT', [{ after: 'P1DT' }]],
    ['seconds', [{ after: 'PT30S' }]],
    ['nothing', [{ after: 'PT0M' }]],
    ['more than 60 days', [{ after: 'P61D' }]],
    ['a number', [{ after: 4 }]],
    ['another field', [{ after: 'PT4H', by: 'sms' }]],
    ['eleven steps', Array.from({ length: 11 }, (_, index) => ({ after: `PT${index + 1}H` }))],
  ])('is not made of %s', (_, given) => {
    expect(ReminderLadder.safeParse(given).success).toBe(false)
  })

  it.each([
    ['PT4H', 'PT4H'],
    ['PT4H', 'PT4H59M'],
    ['PT4H', 'PT1H'],
  ])('reminds nobody twice in an hour: %s, %s', (first, second) => {
    const parsed = ReminderLadder.safeParse([{ after: first }, { after: second }])
    expect(parsed.error?.issues).toMatchObject([
      { path: [1, 'after'], message: 'must be an hour later than the step before' },
    ])
  })
})
