import { expect, it } from 'vitest'
import { countSegments } from './segments.ts'

it.each([
  ['a'.repeat(160), 1],
  ['a'.repeat(161), 2],
  ['a'.repeat(306), 2],
  ['a'.repeat(307), 3],
  ['€'.repeat(80), 1],
  ['€'.repeat(81), 2],
  ['单'.repeat(70), 1],
  ['单'.repeat(71), 2],
  ['单'.repeat(134), 2],
  ['单'.repeat(135), 3],
  [`${'a'.repeat(69)}…`, 1],
  [`${'a'.repeat(70)}…`, 2],
  ['ش'.repeat(70), 1],
])('bills %s in its parts', (text, parts) => {
  expect(countSegments(text)).toBe(parts)
})
