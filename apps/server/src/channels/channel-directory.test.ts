import { expect, it } from 'vitest'
import { internationalMobile } from './channel-directory.ts'

it.each([
  ['13800138000', undefined, '+8613800138000'],
  ['+65-9123 4567', '86', '+6591234567'],
  ['91234567', '65', '+6591234567'],
  ['91234567', '', null],
  ['', '86', null],
  [null, null, null],
])('a mobile number that stands as %j with %j is %j', (written, code, international) => {
  expect(internationalMobile(written, code)).toBe(international)
})
