import { onScopeDispose, type Ref, ref, watch } from 'vue'
import { previewOf } from '../group/group-text.ts'
import { senderName } from '../mail/sender-name.ts'
import type { Inbox } from '../useInboxes.ts'
import type { PhoneAppIcon } from './phone-apps.ts'

/** A banner over whatever is open: something new in another app. */
export interface Notice {
  id: string
  app: PhoneAppIcon['id']
  look: PhoneAppIcon['look']
  /** The group to open. */
  groupId?: string
  title: string
  text: string
}

const SHOWN_MS = 5_000

/** Shows what comes in while the phone lies there; what was there when it was picked up is no news. */
export function useNotices(personId: Ref<string>, inbox: Ref<Inbox | undefined>, isOpen: (notice: Notice) => boolean) {
  const notice = ref<Notice>()
  let known: { personId: string; ids: Set<string> } | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  watch(inbox, (now) => {
    if (now === undefined) return
    const all = noticesOf(now)
    const before = known?.personId === personId.value ? known.ids : undefined
    known = { personId: personId.value, ids: new Set(all.map(({ id }) => id)) }
    const fresh = before === undefined ? undefined : all.filter((one) => !before.has(one.id) && !isOpen(one)).at(-1)
    if (fresh === undefined) return
    notice.value = fresh
    clearTimeout(timer)
    timer = setTimeout(() => {
      notice.value = undefined
    }, SHOWN_MS)
  })
  watch(personId, () => {
    notice.value = undefined
  })
  onScopeDispose(() => clearTimeout(timer))
  return notice
}

/** Everything that could be one, in no order across apps. */
function noticesOf({ groups, sms, mail }: Inbox): Notice[] {
  return [
    ...groups.flatMap((group) =>
      group.messages
        .filter(({ from }) => from.kind !== 'person')
        .map((message) => ({
          id: message.messageId,
          app: group.platform === 'wecom' ? ('wecom' as const) : ('chat' as const),
          look: group.platform,
          groupId: group.id,
          title: group.title,
          text: previewOf(message),
        })),
    ),
    ...sms.map(({ id, from, text }) => ({ id, app: 'sms' as const, look: 'sms' as const, title: from, text })),
    ...mail.map(({ id, from, subject }) => ({
      id,
      app: 'mail' as const,
      look: 'mail' as const,
      title: senderName(from),
      text: subject,
    })),
  ]
}
