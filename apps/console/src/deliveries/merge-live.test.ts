import { describe, expect, it } from 'vitest'
import { mergeLive, newestAsked } from './merge-live.ts'

const row = (id: string, state = 'queued') => ({ id, state })

describe('a list that is kept up to date', () => {
  it('shows what has changed in place, and what is new at the top', () => {
    const shown = [row('5'), row('4'), row('3')]
    const merged = mergeLive(shown, [row('6'), row('5', 'sent'), row('4')], [row('3', 'failed')])
    expect(merged).toEqual({ items: [row('6'), row('5', 'sent'), row('4'), row('3', 'failed')], strayed: ['3'] })
  })

  it('keeps what the filter no longer finds, and names it so that it can be asked for', () => {
    const shown = [row('5', 'failed'), row('4', 'failed')]
    const merged = mergeLive(shown, [row('4', 'failed')], [])
    expect(merged?.items.map(({ id }) => id)).toEqual(['5', '4'])
    // Fewer than were asked for are all that there are.
    expect(mergeLive([row('5'), row('1')], [row('5')], [])?.strayed).toEqual(['1'])
    expect(mergeLive([row('5'), row('1')], [], [])?.strayed).toEqual(['5', '1'])
    // Beyond what was asked for, nothing is known.
    const full = Array.from({ length: newestAsked }, (_, n) => row(String(900 - n)))
    expect(mergeLive([row('900'), row('100')], full, [])?.strayed).toEqual([])
    expect(mergeLive([row('5'), row('4'), row('3')], [row('5'), row('3')], [])?.strayed).toEqual(['4'])
  })

  it('is empty at first, and is read anew where more has come than was asked for', () => {
    expect(mergeLive([], [row('1')], [])).toEqual({ items: [row('1')], strayed: [] })
    const many = Array.from({ length: newestAsked }, (_, n) => row(String(900 - n)))
    expect(mergeLive([row('100')], many, [])).toBeNull()
    expect(mergeLive([row('851')], many, [])?.items).toHaveLength(newestAsked)
  })
})
