import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKeyRing, keyPurposes, parseSecretKeys, SecretKeyError } from './key-ring.ts'
import { createSealer, SealError, type SealErrorCode, sealContext } from './seal.ts'

const newKey = () => randomBytes(32)
const place = { tenant: 'acme', table: 'channels', column: 'secrets', row: 'lark.appSecret' }
const context = sealContext(place)

function codeOf(act: () => unknown): SealErrorCode | 'opened' {
  try {
    act()
    return 'opened'
  } catch (error) {
    if (error instanceof SealError) return error.code
    throw error
  }
}

describe('a secret at rest', () => {
  it('opens to what was sealed, whatever it holds', () => {
    const sealer = createSealer(createKeyRing([newKey()]))
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (secret, where) => {
        expect(sealer.open(sealer.seal(secret, where), where)).toBe(secret)
      }),
    )
  })

  it('shows nothing of the secret and never looks the same twice', () => {
    const sealer = createSealer(createKeyRing([newKey()]))
    const [one, two] = [sealer.seal('app-secret-value', context), sealer.seal('app-secret-value', context)]
    expect(one).not.toBe(two)
    expect(one).not.toContain('app-secret')
  })

  it('does not open when any one character was changed', () => {
    const sealer = createSealer(createKeyRing([newKey()]))
    const sealed = sealer.seal('app-secret-value', context)
    for (let index = 0; index < sealed.length; index += 1) {
      const other = sealed[index] === 'A' ? 'B' : 'A'
      const changed = sealed.slice(0, index) + other + sealed.slice(index + 1)
      expect(
        codeOf(() => sealer.open(changed, context)),
        `character ${index}`,
      ).not.toBe('opened')
    }
  })

  it.each(['tenant', 'table', 'column', 'row'] as const)('does not open when moved to another %s', (part) => {
    const sealer = createSealer(createKeyRing([newKey()]))
    const sealed = sealer.seal('app-secret-value', context)
    expect(codeOf(() => sealer.open(sealed, sealContext({ ...place, [part]: 'other' })))).toBe('broken')
  })

  it('tells places apart whose parts hold the separator', () => {
    expect(sealContext({ ...place, tenant: 'a|b', table: 'c' })).not.toBe(
      sealContext({ ...place, tenant: 'a', table: 'b|c' }),
    )
  })

  it.each(['', 'plain text', 'v1.abc', 'v2.AAAAAAAA.AAAAAAAAAAAAAAAA..AAAAAAAAAAAAAAAAAAAAAA'])(
    'refuses %j, which was never sealed',
    (text) => {
      const sealer = createSealer(createKeyRing([newKey()]))
      expect(codeOf(() => sealer.open(text, context))).toBe('malformed')
    },
  )
})

describe('a key in rotation', () => {
  const [old, fresh] = [newKey(), newKey()]

  it('still opens what it sealed while it stands behind the new one', () => {
    const sealed = createSealer(createKeyRing([old])).seal('secret', context)
    const both = createSealer(createKeyRing([fresh, old]))
    expect(both.open(sealed, context)).toBe('secret')
    expect(both.isStale(sealed)).toBe(true)
    expect(both.isStale(both.seal('secret', context))).toBe(false)
  })

  it('opens nothing any more once it is taken out', () => {
    const sealed = createSealer(createKeyRing([old])).seal('secret', context)
    expect(codeOf(() => createSealer(createKeyRing([fresh])).open(sealed, context))).toBe('unknown_key')
  })

  it('gives every purpose a key and an id of its own', () => {
    const ring = createKeyRing([fresh, old])
    const keys = keyPurposes.flatMap((purpose) => ring.all(purpose))
    expect(new Set(keys.map((key) => key.id)).size).toBe(keyPurposes.length * 2)
    expect(new Set(keys.map((key) => key.bytes.toString('hex'))).size).toBe(keyPurposes.length * 2)
    expect(ring.find('session', ring.current('audit').id)).toBeNull()
  })
})

describe('SECRET_KEY', () => {
  it('may be several keys, spaced or not, in base64 or base64url', () => {
    const [one, two] = [newKey(), newKey()]
    expect(parseSecretKeys(`${one.toString('base64')}, ${two.toString('base64url')}`)).toEqual([one, two])
  })

  it.each([
    ['', 'too short'],
    ['secret', 'no key'],
    [randomBytes(31).toString('base64'), 'one byte short'],
    [randomBytes(33).toString('base64'), 'one byte long'],
    [`${randomBytes(32).toString('base64')},`, 'an empty second key'],
    [Buffer.alloc(32).toString('base64'), 'all zero'],
    [`${randomBytes(32).toString('base64').slice(0, 40)}!!!!`, 'not base64'],
  ])('is refused when it is %j (%s), without being repeated', (text) => {
    expect(() => parseSecretKeys(text)).toThrow(SecretKeyError)
    if (text.length > 8) expect(() => parseSecretKeys(text)).not.toThrow(text)
  })

  it('is refused when a key stands in it twice', () => {
    const key = newKey().toString('base64')
    expect(() => parseSecretKeys(`${key},${key}`)).toThrow('twice')
  })
})
