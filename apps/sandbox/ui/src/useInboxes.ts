import { shallowReactive } from 'vue'
import type { MailMessage } from '../../src/platforms/mail/inbox.ts'
import type { SmsMessage } from '../../src/platforms/sms/inbox.ts'
import { api, type PhoneGroup } from './api.ts'

/** What a phone holds beside the chat with the bot. */
export interface Inbox {
  groups: PhoneGroup[]
  sms: SmsMessage[]
  mail: MailMessage[]
}

export const emptyInbox: Inbox = { groups: [], sms: [], mail: [] }

/** Groups, short messages and mail of the phones that are shown, and how much of them has been looked at. */
export function createInboxes() {
  const byPerson = shallowReactive(new Map<string, Inbox>())
  /** By person and place (`group:<id>`, `sms`, `mail`): how many messages had been there when last looked at. */
  const seen = shallowReactive(new Map<string, number>())
  let isLoading = false
  let isStale = false

  const wanted = new Set<string>()

  const read = async (personId: string) => {
    const [{ groups }, sms, mail] = await Promise.all([api.groups(personId), api.sms(personId), api.mail(personId)])
    byPerson.set(personId, { groups, sms: sms.messages, mail: mail.messages })
  }
  /** One at a time: in a burst of a thousand messages the last look is the one that counts. */
  const refresh = async () => {
    isStale = true
    if (isLoading) return
    isLoading = true
    try {
      while (isStale) {
        isStale = false
        for (const personId of wanted) await read(personId)
      }
    } finally {
      isLoading = false
    }
  }
  return {
    byPerson,
    load: (personId: string) => {
      wanted.add(personId)
      return refresh()
    },
    refresh: () => void refresh(),
    look: (personId: string, place: string, count: number) => void seen.set(`${personId}|${place}`, count),
    unread: (personId: string, place: string, count: number) =>
      Math.max(0, count - (seen.get(`${personId}|${place}`) ?? 0)),
  }
}

export type Inboxes = ReturnType<typeof createInboxes>
