import type { ManagedChannel } from '@countersign/contracts'
import { formatDateTime } from '../i18n/format.ts'
import { t } from '../i18n/i18n.ts'

export interface StateWords {
  kind: 'success' | 'warning' | 'danger' | 'info' | 'primary'
  text: string
}

/** How a channel stands, in words: what works, and everything that keeps it from working. */
export function stateWords(channel: ManagedChannel): StateWords[] {
  if (!channel.hasAdapter) return [{ kind: 'info', text: t('channels.noAdapter') }]
  if (!channel.isConfigured) return [{ kind: 'info', text: t('channels.notSetUp') }]
  if (!channel.enabled) return [{ kind: 'info', text: t('channels.off') }]
  if (!channel.isLive) return [{ kind: 'danger', text: t('channels.unusable') }]
  const words = [...connectionWords(channel), ...registrationWords(channel), ...tapWords(channel)]
  return words.length > 0 ? words : [{ kind: 'success', text: t('channels.ready') }]
}

/** Whether there is more to say of it than that it has settings and is switched on. */
export function saysMore({ isLive, connection, callbackRegistration, takesActions }: ManagedChannel): boolean {
  return !isLive || connection !== null || callbackRegistration !== null || takesActions === false
}

function connectionWords({ connection }: ManagedChannel): StateWords[] {
  if (connection === null) return []
  const { status, since, reason } = connection
  if (status === 'open') {
    const text =
      since === null ? t('channels.connected') : t('channels.connectedSince', { when: formatDateTime(since) })
    return [{ kind: 'success', text }]
  }
  if (status === 'connecting') return [{ kind: 'primary', text: t('channels.connecting') }]
  return [{ kind: 'danger', text: t('channels.down', { reason: reason ?? '' }) }]
}

function registrationWords({ callbackRegistration }: ManagedChannel): StateWords[] {
  if (callbackRegistration === null) return []
  const { state, url, code } = callbackRegistration
  switch (state) {
    case 'registered':
      return [{ kind: 'success', text: t('channels.registered') }]
    case 'taken':
      return [{ kind: 'danger', text: t('channels.taken', { url: url ?? '' }) }]
    case 'failed':
      return [{ kind: 'danger', text: t('channels.notRegistered', { code: code ?? '' }) }]
    case 'unknown':
      return [{ kind: 'primary', text: t('channels.registering') }]
    default:
      return state satisfies never
  }
}

/** A channel that only tells takes no taps by nature; one of cards says how its platform reaches us. */
function tapWords({ takesActions, reachedBy }: ManagedChannel): StateWords[] {
  return takesActions === false && reachedBy !== null ? [{ kind: 'warning', text: t('channels.noTaps') }] : []
}
