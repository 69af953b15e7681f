import { expect, it } from 'vitest'
import { reconnectAfterMs } from './reconnect.ts'

it('waits longer after each failure, up to a minute, and never exactly as long as another instance', () => {
  const most = Array.from({ length: 10 }, (_, failures) => reconnectAfterMs(failures, () => 1))
  expect(most).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000, 60_000])
  expect(reconnectAfterMs(0, () => 0)).toBe(500)
  expect(reconnectAfterMs(1_000_000, () => 0)).toBe(30_000)
})
