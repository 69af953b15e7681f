import { ApiError, asApiError } from '@countersign/api-client'
import type { DoctorReport, FindingView } from '@countersign/contracts'
import { defineStore } from 'pinia'
import { reactive } from 'vue'
import { followExamination } from '../api.ts'
import { currentLocale } from '../i18n/i18n.ts'

/** What became of the doctor's last look at a channel. */
export interface Visit {
  isRunning: boolean
  /** So far, in the order in which they came. */
  findings: FindingView[]
  /** Of the last look that came to its end, or was stopped. */
  report: Pick<DoctorReport, 'at' | 'isComplete'> | undefined
  error: ApiError | undefined
}

/** What the doctor said stays, and it goes on looking, while the person is on another page. */
export const useDoctor = defineStore('doctor', () => {
  const visits = reactive(new Map<string, Visit>())
  const hangUps = new Map<string, AbortController>()

  async function examine(channel: string, { replaceCallback = false } = {}): Promise<void> {
    if (visits.get(channel)?.isRunning === true) return
    const hangUp = new AbortController()
    hangUps.set(channel, hangUp)
    const visit = reactive<Visit>({ isRunning: true, findings: [], report: undefined, error: undefined })
    visits.set(channel, visit)
    try {
      const body = { replaceCallback, locale: currentLocale.value }
      for await (const step of followExamination({ channel, body, signal: hangUp.signal })) {
        if (step.kind === 'finding') visit.findings.push(step.finding)
        else visit.report = step.report
      }
      if (visit.report === undefined) throw new ApiError({ status: 0, code: 'network', detail: '' })
    } catch (thrown) {
      if (hangUp.signal.aborted) visit.report = { at: new Date().toISOString(), isComplete: false }
      else visit.error = asApiError(thrown)
    } finally {
      visit.isRunning = false
    }
  }

  /** Nothing further is asked of the platform; what was found so far stays. */
  function stop(channel: string): void {
    hangUps.get(channel)?.abort()
  }

  return { visits, examine, stop }
})
