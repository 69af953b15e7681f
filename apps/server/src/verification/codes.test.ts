import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createKeyRing } from '#server/crypto/key-ring.ts'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import type { Store } from '#server/db/stores.ts'
import type { CodeKey, VerificationStore } from '#server/db/verification-store.ts'
import { codeChecks, codeValidMs, createCodes } from './codes.ts'

const root = randomBytes(32)
const keys = createKeyRing([root])
const key: CodeKey = { tenantId: 'acme', uid: 'alice', purpose: 'bind', channel: 'sms' }
const address = { mobile: '+6591234567' }

let now = 0
const codes = createCodes({ keys, now: () => now })
const issue = ({ store }: TestDatabase, forKey = key) => store.run((tx) => codes.issue(tx, forKey, address))
const check = (store: Store, code: string, { forKey = key, to = address }: { forKey?: CodeKey; to?: object } = {}) =>
  store.run(async (tx) => (await codes.check(tx, forKey, { ...to }, code)).kind)
const other = (code: string): string => (code === '000000' ? '000001' : '000000')

onEveryEngine((engine) => {
  it('is right once, and of two who give it at once for one of them', async () => {
    await using database = await engine.open()
    const { code } = await issue(database)
    expect(code).toMatch(/^\d{6}$/)
    const kinds = await Promise.all([1, 2, 3].map(() => check(database.store, code)))
    expect(kinds.toSorted()).toEqual(['none', 'none', 'right'])
  })

  it('can be used for ten minutes', async () => {
    await using database = await engine.open()
    now = 1_000_000
    const { code } = await issue(database)
    now += codeValidMs - 1
    expect(await check(database.store, other(code))).toBe('wrong')
    now += 1
    expect(await check(database.store, code)).toBe('none')
  })

  it('dies with the sending of another', async () => {
    await using database = await engine.open()
    const first = await issue(database)
    const second = await issue(database)
    if (first.code !== second.code) expect(await check(database.store, first.code)).toBe('wrong')
    expect(await check(database.store, second.code)).toBe('right')
  })

  it('proves no other address, and is no code of another channel, person or tenant', async () => {
    await using database = await engine.open()
    const { code } = await issue(database)
    expect(await check(database.store, code, { to: { mobile: '+6591234568' } })).toBe('wrong')
    for (const change of [{ channel: 'dingtalk' as const }, { uid: 'bob' }, { tenantId: 'beta' }]) {
      expect(await check(database.store, code, { forKey: { ...key, ...change } })).toBe('none')
    }
    expect(await check(database.store, code)).toBe('right')
  })

  it('is dead after five checks, the right one among the later ones too', async () => {
    await using database = await engine.open()
    const { code } = await issue(database)
    for (let tries = 0; tries < codeChecks; tries += 1) expect(await check(database.store, other(code))).toBe('wrong')
    expect(await check(database.store, code)).toBe('none')
  })

  it('of 10,000 guesses, 200 at a time and on two instances, has five compared with it', {
    timeout: 240_000,
  }, async () => {
    await using database = await engine.open()
    // SQLite has one instance.
    const second = engine.name === 'postgres' ? await database.openAgain() : database.store
    const { code } = await issue(database)
    const kinds: Record<string, number> = { right: 0, wrong: 0, none: 0 }
    for (let from = 0; from < 10_000; from += 200) {
      const guesses = Array.from({ length: 200 }, (_, index) => String(from + index).padStart(6, '0'))
      const stores = [database.store, second]
      const results = await Promise.all(
        guesses
          .filter((guess) => guess !== code)
          .map((guess, index) => check(stores[index % 2] ?? database.store, guess)),
      )
      for (const kind of results) kinds[kind] = (kinds[kind] ?? 0) + 1
    }
    expect(kinds.wrong).toBe(codeChecks)
    expect(kinds.right).toBe(0)
    expect(await check(database.store, code)).toBe('none')
  })

  it('is not in the database, and cannot be found by trying all codes without the key', async () => {
    await using database = await engine.open()
    const { code } = await issue(database)
    const [row] = await database.db.selectFrom('verification_codes').selectAll().execute()
    expect(JSON.stringify(row)).not.toContain(code)
    expect(JSON.stringify(row)).not.toContain('91234567')
    expect(row?.code_hash).toMatch(/^[\w-]{8}\.[\w-]{43}$/)
  })

  it('outlives a new secret key as long as the old one is there', async () => {
    await using database = await engine.open()
    const { code } = await issue(database)
    const rotated = createCodes({ keys: createKeyRing([randomBytes(32), root]), now: () => now })
    const replaced = createCodes({ keys: createKeyRing([randomBytes(32)]), now: () => now })
    const kindBy = (by: typeof codes) => database.store.run(async (tx) => (await by.check(tx, key, address, code)).kind)
    expect(await kindBy(replaced)).toBe('wrong')
    expect(await kindBy(rotated)).toBe('right')
  })

  it('is forgotten once it has run out', async () => {
    await using database = await engine.open()
    now = 5_000
    await issue(database)
    expect(await database.stores.verification.forgetExpired(5_000 + codeValidMs - 1)).toBe(0)
    expect(await database.stores.verification.forgetExpired(5_000 + codeValidMs)).toBe(1)
  })
})

describe('codes', () => {
  it('are spread evenly: the digits of 20,000 of them pass a chi-square test', async () => {
    const drawn: string[] = []
    const forgetful: VerificationStore = {
      put: async () => undefined,
      noteAccount: async () => undefined,
      takeCheck: async () => null,
      use: async () => false,
      forgetExpired: async () => 0,
    }
    for (let count = 0; count < 20_000; count += 1)
      drawn.push((await codes.issue({ verification: forgetful }, key, address)).code)
    for (let place = 0; place < 6; place += 1) {
      const seen = Array.from(
        { length: 10 },
        (_, digit) => drawn.filter((code) => code[place] === String(digit)).length,
      )
      const chiSquare = seen.reduce((sum, count) => sum + (count - 2_000) ** 2 / 2_000, 0)
      // 9 degrees of freedom: exceeded by chance once in a hundred million.
      expect(chiSquare).toBeLessThan(56)
    }
  })
})
