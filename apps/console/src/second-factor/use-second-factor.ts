import { type ApiError, asApiError } from '@countersign/api-client'
import type { AddedFactor, NewAuthenticator, PasskeyView, SecondFactor } from '@countersign/contracts'
import { ElMessage } from 'element-plus'
import { ref, shallowRef } from 'vue'
import { api } from '../api.ts'
import { t } from '../i18n/i18n.ts'
import { useSession } from '../session/session-store.ts'
import { addPasskey, factorFailureWords } from './passkey.ts'
import { useRecentFactor } from './use-recent-factor.ts'

/** What the person has as second factor, and everything that they can do with it. */
export function useSecondFactor() {
  const session = useSession()
  const { isAsking, withFactor, answer } = useRecentFactor()
  const factor = shallowRef<SecondFactor>()
  const error = shallowRef<ApiError>()
  /** Shown this once. */
  const recoveryCodes = shallowRef<readonly string[]>()
  const begun = shallowRef<NewAuthenticator>()
  const isSending = ref(false)

  async function load(): Promise<void> {
    error.value = undefined
    try {
      factor.value = await api.getMySecondFactor()
    } catch (thrown) {
      error.value = asApiError(thrown)
    }
  }

  /** Gives what went wrong; empty where nothing did, or nothing was done. */
  async function attempt(work: () => Promise<void>): Promise<string> {
    if (isSending.value) return ''
    isSending.value = true
    try {
      await withFactor(work)
      return ''
    } catch (thrown) {
      return factorFailureWords(thrown)
    } finally {
      isSending.value = false
    }
  }
  async function attemptAloud(work: () => Promise<void>): Promise<void> {
    const problem = await attempt(work)
    if (problem !== '') ElMessage.error(problem)
  }

  /** What the person may do can change with the first factor and with the last. */
  async function changed(words: string): Promise<void> {
    ElMessage.success(words)
    await Promise.all([load(), session.start()])
  }
  async function added({ recoveryCodes: made }: AddedFactor): Promise<void> {
    begun.value = undefined
    recoveryCodes.value = made ?? undefined
    await changed(t('secondFactor.addedDone'))
  }

  return {
    ...{ factor, error, recoveryCodes, begun, isSending, isAsking },
    ...{ load, added, answer },
    beginApp: () =>
      attemptAloud(async () => {
        begun.value = await api.beginAuthenticator()
      }),
    removeApp: () =>
      attemptAloud(async () => {
        await api.removeAuthenticator()
        await changed(t('secondFactor.removedDone'))
      }),
    addPasskey: (name: string) => attempt(async () => added(await addPasskey(name))),
    renamePasskey: ({ id }: PasskeyView, name: string) =>
      attempt(async () => {
        await api.renamePasskey({ id, body: { name } })
        await load()
      }),
    removePasskey: ({ id }: PasskeyView) =>
      attemptAloud(async () => {
        await api.removePasskey({ id })
        await changed(t('secondFactor.removedDone'))
      }),
    makeCodes: () =>
      attemptAloud(async () => {
        recoveryCodes.value = (await api.makeRecoveryCodes()).recoveryCodes
        await load()
      }),
  }
}
