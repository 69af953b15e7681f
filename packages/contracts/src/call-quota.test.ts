import { describe, expect, it } from 'vitest'
import { SaveCallsFrom } from './call-quota.ts'

describe('from when on calls are saved', () => {
  it('is a whole percentage or never, for each step that is named', () => {
    const given = { mergeUpdates: 1, reminders: 100, cards: 'never' }
    expect(SaveCallsFrom.parse(given)).toEqual(given)
    expect(SaveCallsFrom.parse({})).toEqual({})
  })

  it.each([{ cards: 0 }, { cards: 101 }, { cards: 50.5 }, { cards: 'always' }, { hooks: 50 }])('is not %j', (given) => {
    expect(SaveCallsFrom.safeParse(given).success).toBe(false)
  })
})
