import type { TicketDetail } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { nextTick, shallowRef } from 'vue'
import { isLong, useReadProgress } from './read-progress.ts'

const long = Array.from({ length: 40 }, (_, line) => `select ${line};`).join('\n')
const ticket = (risk: TicketDetail['risk'], texts: string[], contentHash = 'sha256:1') =>
  ({ risk, contentHash, code: texts.map((text) => ({ language: 'sql', title: '', text })) }) as TicketDetail

describe('reading before approving', () => {
  it('calls a statement long by its lines or by its characters', () => {
    expect(isLong('select 1;')).toBe(false)
    expect(isLong(long)).toBe(true)
    expect(isLong('x'.repeat(1_201))).toBe(true)
  })

  it('is asked for every long statement of a high-risk ticket, until each has been seen', () => {
    const shown = shallowRef<TicketDetail | undefined>(ticket('high', ['select 1;', long, long]))
    const { unread, markSeen } = useReadProgress(shown)
    expect(unread.value).toEqual([1, 2])
    markSeen(2)
    expect(unread.value).toEqual([1])
    markSeen(1)
    expect(unread.value).toEqual([])
  })

  it('is not asked for below high risk', () => {
    expect(useReadProgress(shallowRef(ticket('medium', [long]))).unread.value).toEqual([])
  })

  it('begins again when the content changes', async () => {
    const shown = shallowRef<TicketDetail | undefined>(ticket('high', [long]))
    const { unread, markSeen } = useReadProgress(shown)
    markSeen(0)
    shown.value = ticket('high', [`${long}\ndrop table x;`], 'sha256:2')
    await nextTick()
    expect(unread.value).toEqual([0])
  })
})
