import { expect, it } from 'vitest'
import type { Frame } from './frame.ts'
import { Parts } from './parts.ts'

const part = (seq: number, sum: number, text: string, id = 'm1'): Frame => ({
  SeqID: '1',
  LogID: '1',
  service: 1,
  method: 1,
  headers: Object.entries({ message_id: id, sum: String(sum), seq: String(seq) }).map(([key, value]) => ({
    key,
    value,
  })),
  payload: Buffer.from(text),
})
const textOf = (payload: Uint8Array | null): string | null =>
  payload === null ? null : Buffer.from(payload).toString()

it('a payload in one frame is whole at once', () => {
  expect(textOf(new Parts().add(part(0, 1, 'all'), 0))).toBe('all')
  expect(textOf(new Parts().add({ ...part(0, 1, 'all'), headers: [] }, 0))).toBe('all')
})

it('parts are joined in their order, however they come, and each counts once', () => {
  const parts = new Parts()
  expect(parts.add(part(2, 3, 'c'), 0)).toBeNull()
  expect(parts.add(part(0, 3, 'a'), 0)).toBeNull()
  expect(parts.add(part(0, 3, 'x'), 0)).toBeNull()
  expect(parts.add(part(1, 2, 'other', 'm2'), 0)).toBeNull()
  expect(textOf(parts.add(part(1, 3, 'b'), 0))).toBe('abc')
})

it('what does not become whole in time is forgotten', () => {
  const parts = new Parts()
  parts.add(part(0, 2, 'a'), 0)
  expect(parts.add(part(1, 2, 'b'), 10_001)).toBeNull()
})

it('nonsense is passed over, and more than a megabyte is not gathered', () => {
  const parts = new Parts()
  for (const [seq, sum] of [
    [2, 2],
    [-1, 2],
    [0, 1_000],
    [0.5, 2],
  ] as const) {
    expect(parts.add(part(seq, sum, 'x'), 0)).toBeNull()
  }
  const half = 'x'.repeat(600_000)
  expect(parts.add(part(0, 2, half), 0)).toBeNull()
  expect(parts.add(part(1, 2, half), 0)).toBeNull()
})
