import { type ApiError, asApiError } from '@countersign/api-client'
import type { ChannelSetup, ManagedChannel } from '@countersign/contracts'
import { computed, shallowRef, watch } from 'vue'
import { api } from '../api.ts'
import { settingName } from './settings-draft.ts'

type Place = ChannelSetup['addresses'][number]['place']

/** What an administrator enters in the platform's own console. */
export function useSetup(channel: () => ManagedChannel) {
  const setup = shallowRef<ChannelSetup>()
  const error = shallowRef<ApiError>()

  async function load(): Promise<void> {
    error.value = undefined
    try {
      setup.value = await api.getChannelSetup({ channel: channel().name })
    } catch (thrown) {
      error.value = asApiError(thrown)
    }
  }
  // How the channel stands changes often, and nothing of this with it.
  watch(() => JSON.stringify([channel().name, channel().settings]), load, { immediate: true })

  const app = computed(() => {
    const name = setup.value?.appSetting
    const value = name === undefined || name === null ? undefined : channel().settings[name]
    return typeof value === 'string' ? value : undefined
  })
  const appName = computed(() => settingName(setup.value?.appSetting ?? ''))
  /** With the app's id in its place; its name until it is known. */
  const filled = (value: string): string =>
    value.replace('{app}', app.value === undefined ? `<${appName.value}>` : encodeURIComponent(app.value))
  const addresses = computed(() =>
    (setup.value?.addresses ?? []).map(({ place, value }) => ({
      place,
      value: filled(value),
      // Not what this host says itself, nor what would be pasted with a gap in it.
      isToCopy: place !== 'registered' && (app.value !== undefined || !value.includes('{app}')),
    })),
  )
  const isUnknown = computed(
    () => app.value === undefined && setup.value?.addresses.some(({ value }) => value.includes('{app}')) === true,
  )
  const addressOf = (place: Place) => addresses.value.find((each) => each.place === place)

  return { setup, error, load, addresses, addressOf, isUnknown, appName }
}
export type Setup = ReturnType<typeof useSetup>
export type SetupAddressView = Setup['addresses']['value'][number]
