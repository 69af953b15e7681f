import { type ApiError, asApiError } from '@countersign/api-client'
import type { DoctorReport } from '@countersign/contracts'
import { defineStore } from 'pinia'
import { reactive } from 'vue'
import { api } from '../api.ts'
import { currentLocale } from '../i18n/i18n.ts'

/** What became of the doctor's last look at a channel. */
export interface Visit {
  isRunning: boolean
  /** Epoch milliseconds. */
  startedAt: number
  report: DoctorReport | undefined
  error: ApiError | undefined
}

/** Who asks again while the doctor is at work waits for the same look: a slow platform only takes a few rounds. */
const rounds = 4

/** What the doctor said stays, and it goes on looking, while the person is on another page. */
export const useDoctor = defineStore('doctor', () => {
  const visits = reactive(new Map<string, Visit>())

  async function examine(channel: string, { replaceCallback = false } = {}): Promise<void> {
    const before = visits.get(channel)
    if (before?.isRunning === true) return
    const started = { isRunning: true, startedAt: Date.now(), report: before?.report, error: undefined }
    visits.set(channel, started)
    const ask = { channel, body: { replaceCallback, locale: currentLocale.value } }
    try {
      visits.set(channel, { ...started, isRunning: false, report: await answered(ask, rounds) })
    } catch (thrown) {
      visits.set(channel, { ...started, isRunning: false, error: asApiError(thrown) })
    }
  }

  return { visits, examine }
})

async function answered(ask: Parameters<typeof api.examineManagedChannel>[0], left: number): Promise<DoctorReport> {
  try {
    return await api.examineManagedChannel(ask)
  } catch (thrown) {
    if (asApiError(thrown).code !== 'timeout' || left <= 1) throw thrown
    return answered(ask, left - 1)
  }
}
