import { expect, it } from 'vitest'
import { onEveryEngine } from './_engines.ts'
import type { TextPlace } from './text-store.ts'

const place: TextPlace = { kind: 'pending', channel: 'email', locale: 'en' }

onEveryEngine((engine) => {
  it('a text of a tenant is kept, overwritten and taken back, and is nobody else’s', async () => {
    await using database = await engine.open()
    const { texts } = database.stores
    expect(await texts.text('acme', place)).toBeNull()
    await texts.put('acme', place, { title: 'a', body: 'b' }, 'alice', 1)
    await texts.put('acme', place, { title: 'c', body: 'd\n{{ ticket }}' }, 'bob', 2)
    await texts.put('acme', { ...place, locale: 'ar' }, { title: 'e', body: 'f' }, 'bob', 3)
    const kept = { kind: 'pending', title: 'c', body: 'd\n{{ ticket }}', updatedAt: 2, updatedBy: 'bob' }
    expect(await texts.text('acme', place)).toEqual(kept)
    expect(await texts.texts('acme', 'email', 'en')).toEqual([kept])
    expect(await texts.text('beta', place)).toBeNull()
    expect(await texts.texts('acme', 'sms', 'en')).toEqual([])
    expect(await texts.remove('acme', place)).toBe(true)
    expect(await texts.remove('acme', place)).toBe(false)
    expect(await texts.text('acme', place)).toBeNull()
    expect(await texts.texts('acme', 'email', 'ar')).toHaveLength(1)
  })
})
