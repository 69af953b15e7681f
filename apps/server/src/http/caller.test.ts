import { expect, it } from 'vitest'
import { callerOf } from './caller.ts'

it('counts IPv4 addresses one by one, however they are written', () => {
  expect(callerOf('203.0.113.7')).toBe('203.0.113.7')
  expect(callerOf('::ffff:203.0.113.7')).toBe('203.0.113.7')
  expect(callerOf('203.0.113.8')).not.toBe(callerOf('203.0.113.7'))
})

it('counts all IPv6 addresses of one network as one caller', () => {
  expect(callerOf('2001:db8:1:2::1')).toBe('2001:db8:1:2')
  expect(callerOf('2001:db8:1:2:ffff:ffff:ffff:ffff')).toBe('2001:db8:1:2')
  expect(callerOf('2001:db8:1:3::1')).toBe('2001:db8:1:3')
  expect(callerOf('fe80::1%eth0')).toBe('fe80:0:0:0')
})

it('counts callers without a readable address together', () => {
  expect([callerOf(undefined), callerOf(''), callerOf('unknown')]).toEqual(['', '', ''])
})
