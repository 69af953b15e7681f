import { type ApiError, asApiError } from '@countersign/api-client'
import { type Ref, ref, shallowRef } from 'vue'

interface Page<Item> {
  items: Item[]
  nextCursor: string | null
}

export interface Pages<Item> {
  items: Ref<Item[]>
  isLoading: Ref<boolean>
  error: Ref<ApiError | undefined>
  hasMore: Ref<boolean>
  /** From the beginning, for example because a filter changed. What an earlier call brings late is dropped. */
  reload(): Promise<void>
  more(): Promise<void>
}

/** A list that the server gives page by page: it stays fast however long it is. */
export function usePages<Item>(load: (cursor: string | undefined) => Promise<Page<Item>>): Pages<Item> {
  const items = shallowRef<Item[]>([])
  const isLoading = ref(true)
  const error = shallowRef<ApiError>()
  const hasMore = ref(false)
  let cursor: string | undefined
  let turn = 0

  async function fetchPage(isFirst: boolean): Promise<void> {
    turn += 1
    const mine = turn
    isLoading.value = true
    error.value = undefined
    try {
      const page = await load(isFirst ? undefined : cursor)
      if (mine !== turn) return
      items.value = isFirst ? page.items : [...items.value, ...page.items]
      cursor = page.nextCursor ?? undefined
      hasMore.value = page.nextCursor !== null
    } catch (thrown) {
      if (mine === turn) error.value = asApiError(thrown)
    } finally {
      if (mine === turn) isLoading.value = false
    }
  }

  return { items, isLoading, error, hasMore, reload: () => fetchPage(true), more: () => fetchPage(false) }
}
