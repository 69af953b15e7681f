import type { TicketDetail } from '@countersign/contracts'
import { computed, type Ref, ref, watch } from 'vue'

/** Beyond this a statement is shown shortened first. */
const shownLines = 14
const shownCharacters = 1_200

export const lineCount = (text: string): number => text.split('\n').length

/** Too long to be seen at a glance. */
export const isLong = (text: string): boolean => lineCount(text) > shownLines || text.length > shownCharacters

/**
 * Which long statements of a high-risk ticket have not been seen to their end. What is approved there must have been
 * on the screen as a whole: a shortened preview is never approved unseen.
 */
export function useReadProgress(ticket: Ref<TicketDetail | undefined>) {
  const seen = ref(new Set<number>())
  watch(
    () => ticket.value?.contentHash,
    () => {
      seen.value = new Set()
    },
  )
  const unread = computed(() => {
    const current = ticket.value
    if (current === undefined || current.risk !== 'high') return []
    return current.code.flatMap((code, index) => (isLong(code.text) && !seen.value.has(index) ? [index] : []))
  })
  const markSeen = (index: number): void => {
    seen.value = new Set(seen.value).add(index)
  }
  return { unread, markSeen }
}
