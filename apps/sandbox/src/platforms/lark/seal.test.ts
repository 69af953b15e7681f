import { AESCipher } from '@larksuiteoapi/node-sdk'
import { describe, expect, it } from 'vitest'
import { createTestWorld, larkApp, larkEncryptKey } from '#sandbox/_world.ts'
import { decrypt, encrypt, sign, signPage } from './seal.ts'

describe('sealing a push', () => {
  it('decrypts the official vector', () => {
    expect(decrypt('test key', 'P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=')).toBe('hello world')
  })

  it('encrypts to the known bytes under a fixed IV', () => {
    const plain = '{"challenge":"c1","token":"vt","type":"url_verification"}'
    expect(encrypt('test key', plain, Buffer.alloc(16, 7))).toBe(
      'BwcHBwcHBwcHBwcHBwcHB4/utaHIiKqzh+7v+uoZo5sBnGrrhD4O+TBdhpT+WjvKPxWTGBQ/xNGQznEUnBQp1yL2uSnwzPAEwymf13TLx5U=',
    )
    expect(new AESCipher('test key').decrypt(encrypt('test key', plain))).toBe(plain)
  })

  it('signs the known body', () => {
    const body = '{"encrypt":"P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk="}'
    expect(sign({ timestamp: '1700000000', nonce: 'nonce-1', encryptKey: 'test key', body })).toBe(
      '002a272a435d056759149cce18e88064ff320d38d91a09432445c344c4296949',
    )
  })

  it('signs the known page', () => {
    const url = 'https://h5.example.com/t/1?x=1'
    expect(signPage({ ticket: 'tkt', nonce: 'abc', timestamp: '1700000000000', url })).toBe(
      '7bbc1759e248290682f097934a6de7255e1669ce',
    )
  })
})

describe('sealed callbacks for wire tests', () => {
  it('are right unless told otherwise, and wrong exactly where told', async () => {
    await using world = await createTestWorld()
    const right = world.sandbox.signedCallback(larkApp, { schema: '2.0' })
    const { encrypt: sealed } = JSON.parse(right.body) as { encrypt: string }
    expect(decrypt(larkEncryptKey, sealed)).toBe('{"schema":"2.0"}')
    expect(right.headers['X-Lark-Signature']).toMatch(/^[0-9a-f]{64}$/)

    const wrong = world.sandbox.signedCallback(larkApp, '{"a":1}', {
      timestamp: '1',
      nonce: 'n',
      plain: true,
      headers: { 'X-Lark-Signature': '' },
    })
    expect(wrong.body).toBe('{"a":1}')
    expect(wrong.headers).toMatchObject({ 'X-Lark-Request-Timestamp': '1', 'X-Lark-Request-Nonce': 'n' })
    expect(wrong.headers).not.toHaveProperty('X-Lark-Signature')
    expect(world.sandbox.signedCallback(larkApp, '', { rawBody: 'cut' }).body).toBe('cut')
  })
})
