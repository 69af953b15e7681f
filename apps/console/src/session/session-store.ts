import { type ApiError, asApiError } from '@countersign/api-client'
import type { Role, Session, SessionRoute } from '@countersign/contracts'
import { rolesMay } from '@countersign/contracts/who-may'
import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { api } from '../api.ts'
import { chosenLocale, isAppLocale } from '../i18n/choose-locale.ts'
import { currentTimeZone, useLocale } from '../i18n/i18n.ts'

export type Stage = 'starting' | 'ready' | 'logged-out' | 'failed'

/** Who is logged in, and what they may do here. The server checks every request all the same. */
export const useSession = defineStore('session', () => {
  const stage = shallowRef<Stage>('starting')
  const session = shallowRef<Session>()
  const error = shallowRef<ApiError>()
  const roles = computed<readonly Role[]>(() => session.value?.user.roles ?? [])
  /** Whether the person's roles let them call this endpoint: what would be refused is not offered. */
  const may = (route: SessionRoute): boolean => session.value !== undefined && rolesMay(roles.value, route)

  /** The person said that a member's rights will do until this page is loaded anew. */
  const isMember = shallowRef(false)
  const asksForFactor = computed(() => {
    const state = session.value?.secondFactor
    return !isMember.value && (state === 'needed' || state === 'missing')
  })
  function goOnAsMember(): void {
    isMember.value = true
  }

  async function start(): Promise<void> {
    try {
      const found = await api.getSession()
      session.value = found
      currentTimeZone.value = found.user.timeZone
      if (chosenLocale() === null && isAppLocale(found.user.locale)) await useLocale(found.user.locale)
      stage.value = 'ready'
    } catch (thrown) {
      const failure = asApiError(thrown)
      error.value = failure
      stage.value = failure.code === 'no_session' ? 'logged-out' : 'failed'
    }
  }

  /** What the person has just chosen for themself holds here at once; a language chosen in this browser stays. */
  async function prefer({ locale, timeZone }: { locale: string; timeZone: string }): Promise<void> {
    const known = session.value
    if (known !== undefined && isAppLocale(locale))
      session.value = { ...known, user: { ...known.user, locale, timeZone } }
    currentTimeZone.value = timeZone
    if (chosenLocale() === null && isAppLocale(locale)) await useLocale(locale)
  }

  async function logOut(): Promise<void> {
    await api.endSession()
    forget()
  }

  function forget(): void {
    session.value = undefined
    isMember.value = false
    stage.value = 'logged-out'
  }

  return { stage, session, error, roles, may, asksForFactor, goOnAsMember, start, prefer, logOut, forget }
})
