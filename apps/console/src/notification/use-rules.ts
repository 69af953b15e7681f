import type { NotificationRuleList, NotificationRuleView } from '@countersign/contracts'
import { shallowRef } from 'vue'
import { api } from '../api.ts'
import { formatModule } from '../i18n/format.ts'
import { usePages } from '../ui/use-pages.ts'

export interface RuleFilter {
  module: string
  event: string
  /** '' for all; `off`, or where the rule comes from. */
  show: string
  q: string
}

const pageSize = 28

/**
 * The rules that match, some at a time: beside each stands whom it reaches, which the server works out one by one. The
 * list itself comes as a whole, and is asked for again only by `refresh`.
 */
export function useRules(filter: () => RuleFilter) {
  const list = shallowRef<NotificationRuleList>()
  let asked: Promise<NotificationRuleList> | undefined

  const pages = usePages<NotificationRuleView>(async (cursor) => {
    asked ??= api.listNotificationRules()
    try {
      list.value = await asked
    } catch (thrown) {
      asked = undefined
      throw thrown
    }
    const matching = list.value.items.filter((rule) => matches(rule, filter()))
    const start = cursor === undefined ? 0 : Number(cursor)
    const end = start + pageSize
    return { items: matching.slice(start, end), nextCursor: end < matching.length ? String(end) : null }
  })

  /** Puts the answer of a change in its place, where it stays even if a filter would now leave it out. */
  function put(changed: NotificationRuleView): void {
    const replace = (items: NotificationRuleView[]) => items.map((rule) => (isSame(rule, changed) ? changed : rule))
    if (list.value !== undefined) {
      list.value = { ...list.value, items: replace(list.value.items) }
      asked = Promise.resolve(list.value)
    }
    pages.items.value = replace(pages.items.value)
  }

  return { list, pages, put }
}

const isSame = (one: NotificationRuleView, other: NotificationRuleView): boolean =>
  one.module === other.module && one.event === other.event

function matches(rule: NotificationRuleView, { module, event, show, q }: RuleFilter): boolean {
  const text = `${rule.module} ${formatModule(rule.module)}`.toLowerCase()
  return (
    (module === '' || rule.module === module) &&
    (event === '' || rule.event === event) &&
    (show === '' || (show === 'off' ? !rule.enabled : rule.source === show)) &&
    text.includes(q.trim().toLowerCase())
  )
}
