import { randomBytes } from 'node:crypto'
import type { ChannelName } from '@countersign/contracts'
import { expect, it } from 'vitest'
import { createKeyRing } from '#server/crypto/key-ring.ts'
import { createSealer } from '#server/crypto/seal.ts'
import { storeAddress } from '#server/db/user-address.ts'
import { maskAddress } from './mask-address.ts'

const sealer = createSealer(createKeyRing([randomBytes(32)]))
const masked = (channel: ChannelName, address: Record<string, string>) => {
  const owner = { tenantId: 'acme', uid: 'alice', channel }
  return maskAddress(sealer, owner, JSON.parse(storeAddress(sealer, owner, address)))
}

it('shows of a number its country and its end, and an e-mail address as it is', () => {
  expect(masked('sms', { mobile: '+6591234567' })).toEqual({ mobile: '+65••••4567' })
  expect(masked('lark', { email: 'alice@acme.test' })).toEqual({ email: 'alice@acme.test' })
})

it('shows where a robot is, and neither its token nor its secret', () => {
  const url = 'https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef'
  expect(masked('dingtalkRobot', { url, secret: 'SEC0123' })).toEqual({
    url: 'https://oapi.dingtalk.com/robot/send?access_token=••••',
    secret: '••••',
  })
})

it('shows of a webhook only its host: the path may be all that keeps it secret', () => {
  const url = 'https://hooks.example/services/T0/B0/secret?key=1'
  expect(masked('webhook', { url, signatureMethod: 'HMAC_SHA1', signatureKey: 'k' })).toEqual({
    url: 'https://hooks.example/••••',
    signatureMethod: 'HMAC_SHA1',
    signatureKey: '••••',
  })
})

it('shows what is not secret when the seal does not hold', () => {
  const owner = { tenantId: 'acme', uid: 'alice', channel: 'webhook' } as const
  const stored = JSON.parse(storeAddress(sealer, owner, { url: 'https://hooks.example/x', signatureMethod: 'NONE' }))
  expect(maskAddress(sealer, { ...owner, uid: 'bob' }, stored)).toEqual({ signatureMethod: 'NONE' })
})
