import { reactive, watch } from 'vue'
import { useRoute, useRouter } from 'vue-router'

/**
 * Filters that live in the address, so that a filtered list can be bookmarked, sent and gone back to. Empty ones are left
 * out. `changed` is called for every change, typed text after a pause.
 */
export function useFilters<Name extends string>(names: readonly Name[], changed: () => void): Record<Name, string> {
  const route = useRoute()
  const router = useRouter()
  const read = (name: Name): string => {
    const value = route.query[name]
    return typeof value === 'string' ? value : ''
  }
  const filters = reactive(Object.fromEntries(names.map((name) => [name, read(name)]))) as Record<Name, string>
  let timer: ReturnType<typeof setTimeout> | undefined
  watch(filters, () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      const query = Object.fromEntries(Object.entries<string>(filters).filter(([, value]) => value !== ''))
      router.replace({ query })
      changed()
    }, 250)
  })
  return filters
}

/** Without what is empty: as a query of the API takes it. */
export function given<Filters extends Record<string, string>>(filters: Filters): Partial<Filters> {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== '')) as Partial<Filters>
}
