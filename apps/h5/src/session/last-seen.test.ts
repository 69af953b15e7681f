import type { Session } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { createLastSeen } from './last-seen.ts'

const session = { user: { uid: 'alice' }, pending: { items: [], nextCursor: null } } as unknown as Session

function phone() {
  const values = new Map<string, string>()
  const clock = { now: 1_000_000 }
  const storage = {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  }
  return {
    values,
    clock,
    lastSeen: createLastSeen(
      () => storage,
      () => clock.now,
    ),
  }
}

describe('the list seen last', () => {
  it('is there for a returning visitor within half a day', () => {
    const { lastSeen, clock } = phone()
    expect(lastSeen.read()).toBeUndefined()
    lastSeen.keep(session)
    clock.now += 11 * 3_600_000
    expect(lastSeen.read()).toEqual(session)
    clock.now += 2 * 3_600_000
    expect(lastSeen.read()).toBeUndefined()
  })

  it('leaves nothing on the phone once forgotten', () => {
    const { lastSeen, values } = phone()
    lastSeen.keep(session)
    lastSeen.forget()
    expect([...values]).toEqual([])
  })

  it('is not read from what another version or a mishap left there', () => {
    const { lastSeen, values } = phone()
    lastSeen.keep(session)
    const [key = ''] = [...values.keys()]
    for (const left of ['{', '[]', 'null', '{"shape":0,"at":999999,"session":{}}']) {
      values.set(key, left)
      expect(lastSeen.read(), left).toBeUndefined()
    }
  })

  it('does no harm where the web view keeps nothing', () => {
    const refusing = () => {
      throw new Error('storage is switched off')
    }
    const lastSeen = createLastSeen(refusing, () => 0)
    lastSeen.keep(session)
    lastSeen.forget()
    expect(lastSeen.read()).toBeUndefined()
  })
})
