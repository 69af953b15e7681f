import { describe, expect, it } from 'vitest'
import { createKeyRing } from '#server/crypto/key-ring.ts'
import { createSealer } from '#server/crypto/seal.ts'
import { groupOf, openAddress, plainAddress, storeAddress } from './user-address.ts'

const sealer = createSealer(createKeyRing([Buffer.alloc(32, 3)]))
const url = 'https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef'
const secret = 'SEC0123456789abcdef'
const ownerOf = (uid: string) => ({ tenantId: 'acme', uid, channel: 'dingtalkRobot' as const })
const stored = (uid: string, address: Record<string, unknown>): unknown =>
  JSON.parse(storeAddress(sealer, ownerOf(uid), address))

describe('the address of a group robot', () => {
  it('opens as it was given, and is not to be read where it is stored', () => {
    const kept = stored('alice', { url, secret })
    expect(openAddress(sealer, ownerOf('alice'), kept)).toEqual({ url, secret })
    expect(JSON.stringify(kept)).not.toMatch(/0123456789abcdef/)
    expect(plainAddress(kept)).toEqual({})
  })

  it('tells who is in the same group, whoever of them it belongs to', () => {
    const group = groupOf(stored('alice', { url, secret }))
    expect(group).toEqual(expect.any(String))
    expect(groupOf(stored('carol', { url, secret }))).toBe(group)
    expect(groupOf(stored('carol', { url: `${url}0`, secret }))).not.toBe(group)
    // A wrong secret must not keep the others of the group from being told.
    expect(groupOf(stored('mallory', { url, secret: 'SECwrong' }))).not.toBe(group)
    expect(groupOf(stored('mallory', { url }))).not.toBe(group)
  })
})

it('an address that is one person’s own is in no group', () => {
  const owner = { tenantId: 'acme', uid: 'alice', channel: 'webhook' as const }
  expect(groupOf(JSON.parse(storeAddress(sealer, owner, { url: 'https://hooks.example/in' })))).toBeNull()
})
