import { type ApiError, asApiError } from '@countersign/api-client'
import type { EffectiveText, EffectiveTexts } from '@countersign/contracts'
import { computed, reactive, ref, shallowRef } from 'vue'
import { api } from '../api.ts'
import { type TextProblem, textProblems } from './text-problems.ts'

type Place = Pick<EffectiveText, 'kind' | 'channel' | 'locale'>

/** One text being edited: what is stored, what is typed, and what the server finds wrong with it. */
export function useText(place: { kind: string } & Pick<Place, 'channel' | 'locale'>) {
  const texts = shallowRef<EffectiveTexts>()
  const stored = shallowRef<EffectiveText>()
  const error = shallowRef<ApiError>()
  const draft = reactive({ title: '', body: '' })
  const problems = shallowRef<TextProblem[]>([])
  /** What went wrong beside the text itself. */
  const failure = shallowRef<ApiError>()
  const isBusy = ref(false)
  const isChanged = computed(
    () => stored.value !== undefined && (draft.title !== stored.value.title || draft.body !== stored.value.body),
  )
  const variables = computed(() => (stored.value === undefined ? [] : texts.value?.variables[stored.value.kind]))

  function take(text: EffectiveText | undefined): void {
    stored.value = text
    draft.title = text?.title ?? ''
    draft.body = text?.body ?? ''
    problems.value = []
    failure.value = undefined
  }

  async function load(): Promise<void> {
    error.value = undefined
    try {
      texts.value = await api.listTexts({ query: { channel: place.channel, locale: place.locale } })
      take(texts.value.items.find(({ kind }) => kind === place.kind))
    } catch (thrown) {
      error.value = asApiError(thrown)
    }
  }

  /** Shows what is wrong beside the text. */
  function refuse(thrown: unknown): void {
    const refusal = asApiError(thrown)
    problems.value = textProblems(refusal)
    failure.value = problems.value.length > 0 ? undefined : refusal
  }

  /** True when it went well. */
  async function attempt(work: (at: Place) => Promise<EffectiveText>): Promise<boolean> {
    if (stored.value === undefined) return false
    isBusy.value = true
    try {
      const { kind, channel, locale } = stored.value
      take(await work({ kind, channel, locale }))
      return true
    } catch (thrown) {
      refuse(thrown)
      return false
    } finally {
      isBusy.value = false
    }
  }

  const save = (): Promise<boolean> => attempt((at) => api.saveText({ body: { ...at, ...draft } }))
  const reset = (): Promise<boolean> => attempt((at) => api.resetText({ query: at }))

  return { texts, stored, error, draft, problems, failure, isBusy, isChanged, variables, load, refuse, save, reset }
}
