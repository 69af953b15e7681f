import type { StepFact, WelcomeStep } from '@countersign/contracts'
import { formatDateTime } from '../i18n/format.ts'
import { hasMessage, t } from '../i18n/i18n.ts'

/** A reason why a step is not done; what the doctor found goes by its own name, as in the doctor's report. */
export function problemWords(problem: string): string {
  const key = `welcomeProblem.${problem}`
  if (hasMessage(key)) return t(key)
  const permission = /^permission\.(.+)$/.exec(problem)?.[1]
  return permission === undefined
    ? t('welcome.found', { what: problem })
    : t('welcome.noPermission', { key: permission })
}

/** Where a step stands, in one line. */
export function factWords({ state, problems, at }: StepFact, step: WelcomeStep): string {
  if (state === 'done') return at === null ? t('welcome.done') : t('welcome.doneAt', { when: formatDateTime(at) })
  return openWords(problems, step)
}

/** The same beside the step's name, where there is little room. */
export function shortFactWords({ state, problems }: StepFact, step: WelcomeStep): string {
  return state === 'done' ? t('welcome.done') : openWords(problems, step)
}

function openWords([first, ...others]: readonly string[], step: WelcomeStep): string {
  if (first === undefined) return t('welcome.open')
  if (first === 'not_examined' && step === 'doctor') return t('welcome.notAsked')
  const words = problemWords(first)
  return others.length === 0 ? words : t('welcome.andMore', { what: words, n: others.length })
}
