import { type ApiError, asApiError } from '@countersign/api-client'
import type { GuidedChannel, StepFact, Welcome, WelcomeStep } from '@countersign/contracts'
import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import { api } from '../api.ts'

/** What the server knows of each step: nothing here is done because somebody went on to the next page. */
export const useWelcome = defineStore('welcome', () => {
  const welcome = shallowRef<Welcome>()
  const error = shallowRef<ApiError>()
  let asked = 0

  /** Of answers that overtake each other the one that was asked for last counts. */
  async function refresh(): Promise<void> {
    asked += 1
    const mine = asked
    try {
      const found = await api.getWelcome()
      if (mine !== asked) return
      welcome.value = found
      error.value = undefined
    } catch (thrown) {
      if (mine === asked) error.value = asApiError(thrown)
    }
  }

  const platformOf = (channel: GuidedChannel) => welcome.value?.platforms.find((each) => each.channel === channel)
  const factOf = (channel: GuidedChannel, step: WelcomeStep): StepFact =>
    platformOf(channel)?.steps[step] ?? { state: 'open', problems: [], at: null }

  return { welcome, error, refresh, platformOf, factOf }
})
