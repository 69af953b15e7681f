import { type ApiError, asApiError } from '@countersign/api-client'
import type { ChannelName, ChannelSetting, SentVerificationCode, SetNotificationChannel } from '@countersign/contracts'
import { computed, ref, shallowRef } from 'vue'
import { type AddressDraft, checkDraft, type FieldProblems, hasInput } from './address-draft.ts'
import { refusedFields } from './refused-fields.ts'

/** A code on its way to an address; times in milliseconds since 1970. */
export interface SentCode {
  address: Record<string, string>
  via: Exclude<SentVerificationCode['via'], 'none'>
  resendAt: number
  expiresAt: number
}

/** What an app keeps and does for `useAddress`. What goes to the server rejects with an ApiError. */
export interface AddressDesk {
  /** As it was stored last. */
  channelOf(channel: ChannelName): ChannelSetting | undefined
  /** Asks for the settings as they are now. */
  refresh(): Promise<unknown>
  setChannel(channel: ChannelName, body: SetNotificationChannel): Promise<unknown>
  sendCode(channel: ChannelName, address: Record<string, string>): Promise<SentVerificationCode>
  /** What is being typed for a channel; the same one until it is dropped. */
  draftOf(channel: ChannelName): AddressDraft
  dropDraft(channel: ChannelName): void
  problemText(error: ApiError): string
}

/** Giving a channel an address: typing it, showing by a code whose it is, storing it. Nothing typed is lost by a failure. */
export function useAddress(channel: ChannelName, desk: AddressDesk) {
  const draft = shallowRef(desk.draftOf(channel))
  const problems = ref<FieldProblems>({})
  const problem = ref('')
  const isBusy = ref(false)
  const sent = shallowRef<SentCode>()
  const isTyping = computed(() => sent.value !== undefined || hasInput(draft.value))

  /** True when `work` went well; else what went wrong stands in `problem`, and beside the fields. */
  async function attempt(work: () => Promise<void>, rescue?: (error: ApiError) => Promise<boolean>): Promise<boolean> {
    if (isBusy.value) return false
    isBusy.value = true
    problem.value = ''
    try {
      await work()
      return true
    } catch (thrown) {
      const error = asApiError(thrown)
      if ((await rescue?.(error)) === true) return true
      problems.value = refusedFields(error)
      problem.value = Object.keys(problems.value).length > 0 ? '' : desk.problemText(error)
      return false
    } finally {
      isBusy.value = false
    }
  }

  const stored = () => desk.channelOf(channel)

  const save = (address: Record<string, string>, code?: string): Promise<boolean> => {
    const before = JSON.stringify(stored()?.address)
    return attempt(
      async () => {
        // Who gives a first address wants to hear from it; who changes one keeps it as it was.
        const enabled = stored()?.address === null ? { enabled: true } : {}
        await desk.setChannel(channel, { address, ...enabled, ...(code === undefined ? {} : { code }) })
        finish()
      },
      async (error) => {
        // The attempt may have arrived although its answer was lost; the code is then used up, and a second try refused.
        if (!error.isUnreachable && !error.code.startsWith('code_')) return false
        await desk.refresh()
        const isStored = stored()?.address !== null && JSON.stringify(stored()?.address) !== before
        if (isStored) finish()
        return isStored
      },
    )
  }

  /** True when the address is stored: of the account that the person is logged in with, no code is asked for. */
  async function requestCode(address: Record<string, string>): Promise<boolean> {
    let isTrusted = false
    await attempt(async () => {
      const { via, resendAfter, validFor } = await desk.sendCode(channel, address)
      const now = Date.now()
      if (via === 'none') isTrusted = true
      else sent.value = { address, via, resendAt: now + resendAfter * 1_000, expiresAt: now + validFor * 1_000 }
    })
    return isTrusted ? save(address) : false
  }

  /** From the form: to the code, or for an address that is nobody's own right into the settings. True when stored. */
  async function submit(): Promise<boolean> {
    const checked = checkDraft(channel, draft.value)
    problems.value = 'problems' in checked ? checked.problems : {}
    if ('problems' in checked) return false
    return stored()?.verification === 'none' ? save(checked.parts) : requestCode(checked.parts)
  }

  const enterCode = async (code: string): Promise<boolean> =>
    sent.value === undefined ? false : save(sent.value.address, code)
  const resend = async (): Promise<boolean> => (sent.value === undefined ? false : requestCode(sent.value.address))

  /** Back to the form, with all that was typed. */
  function editAgain(): void {
    sent.value = undefined
    problem.value = ''
  }

  /** The draft is done with: stored, or given up. */
  function finish(): void {
    editAgain()
    problems.value = {}
    desk.dropDraft(channel)
    draft.value = desk.draftOf(channel)
  }

  return { draft, problems, problem, isBusy, sent, isTyping, submit, enterCode, resend, editAgain, finish }
}
