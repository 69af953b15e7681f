import { expect, it } from 'vitest'
import { readMeter } from './read-meter.ts'

it.each([
  [0, 0, { left: 5_000, percentage: 0, level: 'fine' }],
  [2_000, 5_000, { left: 3_000, percentage: 40, level: 'fine' }],
  [2_000, 5_001, { left: 3_000, percentage: 40, level: 'ahead' }],
  [3_999, 4_500, { left: 1_001, percentage: 79, level: 'fine' }],
  [4_000, 4_500, { left: 1_000, percentage: 80, level: 'near' }],
  [4_999, 9_000, { left: 1, percentage: 99, level: 'near' }],
  [5_000, 9_000, { left: 0, percentage: 100, level: 'spent' }],
  [5_200, 9_000, { left: 0, percentage: 104, level: 'spent' }],
] as const)('%i calls of 5,000, %i expected', (calls, forecast, expected) => {
  expect(readMeter({ calls, quota: 5_000, forecast })).toEqual(expected)
})
