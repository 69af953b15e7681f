import { type ApiError, asApiError } from '@countersign/api-client'
import type { ChangeNotificationSettings, ChannelName, NotificationSettings } from '@countersign/contracts'
import { type AddressDraft, emptyDraft } from '@countersign/notification-settings/address-draft'
import { likelyCountry } from '@countersign/notification-settings/phone-number'
import type { AddressDesk } from '@countersign/notification-settings/use-address'
import { reactive, shallowRef } from 'vue'
import { api } from '../api.ts'
import { hasMessage, t } from '../i18n/i18n.ts'
import { useSession } from '../session/session-store.ts'
import { failureWords } from '../ui/failure-words.ts'

/**
 * How one person wants to be told. `isSelf`: the person is the one in front of the console; else an administrator sets it
 * for them. Everything that goes to the server rejects with an ApiError.
 */
export function useSettings(uid: string, isSelf: boolean) {
  const session = useSession()
  const settings = shallowRef<NotificationSettings>()
  const error = shallowRef<ApiError>()
  const drafts = new Map<ChannelName, AddressDraft>()
  let lastWrite: Promise<unknown> = Promise.resolve()

  /** One after the other, so that no answer shows an older state than the one before it. */
  function take(work: () => Promise<NotificationSettings>): Promise<NotificationSettings> {
    const taken = lastWrite.then(work).then((next) => {
      settings.value = next
      error.value = undefined
      return next
    })
    lastWrite = taken.catch(() => undefined)
    return taken
  }

  async function load(): Promise<void> {
    try {
      await take(() => api.getNotificationSettings({ id: uid }))
    } catch (thrown) {
      error.value = asApiError(thrown)
    }
  }

  async function change(body: ChangeNotificationSettings): Promise<void> {
    const { locale, timeZone, defaults } = await take(() => api.changeNotificationSettings({ id: uid, body }))
    if (isSelf) await session.prefer({ locale: locale ?? defaults.locale, timeZone: timeZone ?? defaults.timeZone })
  }

  const desk: AddressDesk = {
    channelOf: (channel) => settings.value?.channels.find((one) => one.channel === channel),
    refresh: () => take(() => api.getNotificationSettings({ id: uid })).catch(() => undefined),
    setChannel: (channel, body) => take(() => api.setNotificationChannel({ id: uid, channel, body })),
    sendCode: (channel, address) => api.sendVerificationCode({ id: uid, channel, body: { address } }),
    draftOf(channel) {
      const { timeZone, locale, defaults } = settings.value ?? {}
      const country = likelyCountry(timeZone ?? defaults?.timeZone ?? '', locale ?? defaults?.locale ?? '')
      const draft = drafts.get(channel) ?? reactive(emptyDraft(country))
      drafts.set(channel, draft)
      return draft
    },
    dropDraft: (channel) => void drafts.delete(channel),
    problemText: (problem) => problemWords(problem, isSelf),
  }

  return {
    settings,
    error,
    load,
    change,
    desk,
    remove: (channel: ChannelName) => take(() => api.removeNotificationChannel({ id: uid, channel })),
    test: (channel: ChannelName) => api.testNotificationChannel({ id: uid, channel }),
  }
}
export type Settings = ReturnType<typeof useSettings>

/** Why something was not saved or sent. An administrator is told where the address can be changed. */
export function problemWords(error: ApiError, isSelf: boolean): string {
  if (error.code === 'provisioned' && !isSelf) return t('settings.inFile')
  const key = `notify.problem.${error.code}`
  return hasMessage(key) ? t(key) : failureWords(error)
}
