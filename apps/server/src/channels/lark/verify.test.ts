import { AESCipher } from '@larksuiteoapi/node-sdk'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CallbackRefused } from '#server/channels/channel.ts'
import { encrypt, encryptKey, fixture, receivedAt, sealed } from './_callback.ts'
import { decrypt, isSameSecret, verifySignature } from './verify.ts'

describe('the vectors of the platform', () => {
  it('decrypts the official one', () => {
    expect(decrypt('P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=', 'test key')).toBe('hello world')
  })

  it('decrypts the one of a URL verification', () => {
    const wire =
      'BwcHBwcHBwcHBwcHBwcHB4/utaHIiKqzh+7v+uoZo5sBnGrrhD4O+TBdhpT+WjvKPxWTGBQ/xNGQznEUnBQp1yL2uSnwzPAEwymf13TLx5U='
    const text = '{"challenge":"c1","token":"vt","type":"url_verification"}'
    expect(decrypt(wire, 'test key')).toBe(text)
    expect(encrypt(text, 'test key', Buffer.alloc(16, 7))).toBe(wire)
  })

  it('verifies the SHA-256 signature', () => {
    const callback = {
      headers: {
        'x-lark-request-timestamp': '1700000000',
        'x-lark-request-nonce': 'nonce-1',
        'x-lark-signature': '002a272a435d056759149cce18e88064ff320d38d91a09432445c344c4296949',
      },
      body: Buffer.from('{"encrypt":"P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk="}'),
      receivedAt: 1_700_000_000_000,
    }
    expect(verifySignature(callback, 'test key')).toEqual({ signatureHash: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(() => verifySignature(callback, 'test kez')).toThrow(CallbackRefused)
  })
})

describe('decryption', () => {
  it('agrees with the cipher of the official SDK for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ minLength: 1 }), (text, key) => {
        const wire = encrypt(text, key)
        expect(decrypt(wire, key)).toBe(text)
        expect(new AESCipher(key).decrypt(wire)).toBe(text)
      }),
      { numRuns: 200 },
    )
  })

  it('gives nothing for another key, a cut text, or no text', () => {
    const wire = encrypt(JSON.stringify(fixture('card-action')))
    expect(decrypt(wire, 'another key')).toBeNull()
    expect(decrypt(wire.slice(0, -24), encryptKey)).toBeNull()
    expect(decrypt('', encryptKey)).toBeNull()
    expect(decrypt('AAAA', encryptKey)).toBeNull()
    expect(decrypt('!'.repeat(64), encryptKey)).toBeNull()
  })
})

describe('the signature', () => {
  const body = fixture('card-action')

  it('covers the raw bytes: white space and non-ASCII text in the body count', () => {
    const spaced = sealed(JSON.stringify(body, null, 2))
    expect(verifySignature(spaced, encryptKey)).not.toBeNull()
    expect(() =>
      verifySignature({ ...spaced, body: Buffer.concat([spaced.body, Buffer.from(' ')]) }, encryptKey),
    ).toThrow(CallbackRefused)
  })

  it('is null without any signature header, and forged with only some of them', () => {
    const { headers, ...rest } = sealed(body)
    expect(verifySignature({ ...rest, headers: {} }, encryptKey)).toBeNull()
    for (const name of ['x-lark-request-timestamp', 'x-lark-request-nonce', 'x-lark-signature']) {
      const { [name]: _, ...others } = headers
      expect(() => verifySignature({ ...rest, headers: others }, encryptKey), name).toThrow(CallbackRefused)
      for (const value of ['', ['a', 'b'], [String(headers[name])]]) {
        const altered = { ...rest, headers: { ...headers, [name]: value } }
        expect(() => verifySignature(altered, encryptKey), `${name}: ${value}`).toThrow(CallbackRefused)
      }
    }
  })

  it.each([
    ['upper case', (hex: string) => hex.toUpperCase()],
    ['shortened', (hex: string) => hex.slice(0, -2)],
    ['lengthened', (hex: string) => `${hex}00`],
    ['not hexadecimal', (hex: string) => `z${hex.slice(1)}`],
    ['with a space', (hex: string) => ` ${hex.slice(1)}`],
    ['in base64', (hex: string) => Buffer.from(hex, 'hex').toString('base64')],
    ['of zeros', () => '0'.repeat(64)],
  ])('is refused %s', (_, alter) => {
    const { headers, ...rest } = sealed(body)
    const signature = alter(String(headers['x-lark-signature']))
    expect(() =>
      verifySignature({ ...rest, headers: { ...headers, 'x-lark-signature': signature } }, encryptKey),
    ).toThrow(expect.objectContaining({ kind: 'forged', code: 'bad_signature' }))
  })

  it.each([
    [0, true],
    [299_000, true],
    [-299_000, true],
    [302_000, false],
    [-302_000, false],
    [3_600_000, false],
    [30 * 86_400_000, false],
  ])('arriving %i ms after it was made is accepted: %s', (lateMs, accepted) => {
    const callback = sealed(body, { timestamp: String(Math.floor((receivedAt - lateMs) / 1_000)) })
    const verify = (): unknown => verifySignature(callback, encryptKey)
    if (accepted) expect(verify()).not.toBeNull()
    else expect(verify).toThrow(expect.objectContaining({ kind: 'forged', code: 'stale' }))
  })

  it('takes milliseconds too, and no other way to write a time', () => {
    expect(verifySignature(sealed(body, { timestamp: String(receivedAt) }), encryptKey)).not.toBeNull()
    for (const timestamp of [
      '0',
      '-1790000001',
      '1.79e9',
      '0x6ab13b81',
      '17900000010',
      '1790000001.5',
      ' 1790000001',
      'now',
      'NaN',
    ]) {
      expect(() => verifySignature(sealed(body, { timestamp }), encryptKey), timestamp).toThrow(CallbackRefused)
    }
  })

  it('has the same hash only for the same request', () => {
    const hash = (nonce: string): string | undefined =>
      verifySignature(sealed('{}', { nonce }), encryptKey)?.signatureHash
    const once = sealed('{}')
    expect(verifySignature(once, encryptKey)).toEqual(verifySignature(once, encryptKey))
    expect(hash('n1')).not.toBe(hash('n2'))
  })

  it('holds for no request with a single bit flipped anywhere', () => {
    const genuine = sealed(body)
    const parts = ['x-lark-request-timestamp', 'x-lark-request-nonce', 'x-lark-signature', 'body'] as const
    fc.assert(
      fc.property(fc.constantFrom(...parts), fc.nat(), fc.integer({ min: 0, max: 7 }), (part, position, bit) => {
        const bytes = part === 'body' ? Buffer.from(genuine.body) : Buffer.from(String(genuine.headers[part]), 'latin1')
        const at = position % bytes.length
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
        const flipped =
          part === 'body'
            ? { ...genuine, body: bytes }
            : { ...genuine, headers: { ...genuine.headers, [part]: bytes.toString('latin1') } }
        expect(() => verifySignature(flipped, encryptKey)).toThrow(CallbackRefused)
      }),
      { numRuns: 5_000 },
    )
  })
})

describe('comparing secrets', () => {
  it('is true for equal ones only, and never for an empty one', () => {
    expect(isSameSecret('verify-token', 'verify-token')).toBe(true)
    expect(isSameSecret('verify-toke', 'verify-token')).toBe(false)
    expect(isSameSecret('verify-tokenx', 'verify-token')).toBe(false)
    expect(isSameSecret('', 'verify-token')).toBe(false)
    expect(isSameSecret('', '')).toBe(false)
  })
})
