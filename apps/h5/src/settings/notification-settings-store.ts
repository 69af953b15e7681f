import { type ApiError, asApiError } from '@countersign/api-client'
import type {
  ChangeNotificationSettings,
  ChannelName,
  ChannelTest,
  NotificationSettings,
  SentVerificationCode,
  SetNotificationChannel,
} from '@countersign/contracts'
import { type AddressDraft, emptyDraft } from '@countersign/notification-settings/address-draft'
import { likelyCountry } from '@countersign/notification-settings/phone-number'
import { defineStore } from 'pinia'
import { computed, reactive, shallowRef } from 'vue'
import { api } from '../api.ts'
import { useSession } from '../session/session-store.ts'

type Address = Record<string, string>

/** How the person in front of the app wants to be told. Kept while they go from page to page, with what they are typing. */
export const useNotificationSettings = defineStore('notification-settings', () => {
  const session = useSession()
  const kept = shallowRef<{ owner: string; settings: NotificationSettings }>()
  const error = shallowRef<ApiError>()
  const drafts = reactive(new Map<string, AddressDraft>())
  /** Where the list was scrolled to before a channel was opened. */
  const scrollTop = shallowRef(0)
  let lastWrite: Promise<unknown> = Promise.resolve()

  const owner = computed(() => `${session.session?.tenant.id}/${session.session?.user.uid}`)
  const id = () => session.session?.user.uid ?? ''
  /** What somebody else has left behind on this phone is not shown. */
  const settings = computed(() => (kept.value?.owner === owner.value ? kept.value.settings : undefined))
  const channelOf = (channel: string) => settings.value?.channels.find((one) => one.channel === channel)

  function take(whose: string, next: NotificationSettings): NotificationSettings {
    kept.value = { owner: whose, settings: next }
    error.value = undefined
    return next
  }

  /** Writes go one after the other, so that no answer shows an older state than the one before it. */
  function write(work: () => Promise<NotificationSettings>): Promise<NotificationSettings> {
    const asked = owner.value
    const written = lastWrite.then(work).then((next) => take(asked, next))
    lastWrite = written.catch(() => undefined)
    return written
  }

  async function load(): Promise<void> {
    error.value = undefined
    try {
      await write(() => api.getNotificationSettings({ id: id() }))
    } catch (thrown) {
      error.value = asApiError(thrown)
    }
  }

  /** The settings as they are now; undefined when they cannot be had. What is on the screen stays. */
  const refresh = (): Promise<NotificationSettings | undefined> =>
    write(() => api.getNotificationSettings({ id: id() })).catch(() => undefined)

  /** Language and time zone hold in the app as soon as they are stored. Rejects with an ApiError. */
  async function change(body: ChangeNotificationSettings): Promise<void> {
    const next = await write(() => api.changeNotificationSettings({ id: id(), body }))
    const { locale, timeZone, defaults } = next
    await session.prefer({ locale: locale ?? defaults.locale, timeZone: timeZone ?? defaults.timeZone })
  }

  /** Rejects with an ApiError. */
  const setChannel = (channel: ChannelName, body: SetNotificationChannel): Promise<NotificationSettings> =>
    write(() => api.setNotificationChannel({ id: id(), channel, body }))

  /** Forgets the address. Rejects with an ApiError. */
  const removeChannel = (channel: ChannelName): Promise<NotificationSettings> =>
    write(() => api.removeNotificationChannel({ id: id(), channel }))

  const sendCode = (channel: ChannelName, address: Address): Promise<SentVerificationCode> =>
    api.sendVerificationCode({ id: id(), channel, body: { address } })

  const test = (channel: ChannelName): Promise<ChannelTest> => api.testNotificationChannel({ id: id(), channel })

  /** What is being typed for a channel; the same one until it is dropped. */
  function draftOf(channel: ChannelName): AddressDraft {
    const key = `${owner.value}/${channel}`
    const known = drafts.get(key)
    if (known !== undefined) return known
    const user = session.session?.user
    const draft = reactive(emptyDraft(likelyCountry(user?.timeZone ?? '', user?.locale ?? '')))
    drafts.set(key, draft)
    return draft
  }
  const dropDraft = (channel: ChannelName): boolean => drafts.delete(`${owner.value}/${channel}`)

  return {
    settings,
    error,
    scrollTop,
    channelOf,
    load,
    refresh,
    change,
    setChannel,
    removeChannel,
    sendCode,
    test,
    draftOf,
    dropDraft,
  }
})
