import { expect, it } from 'vitest'
import type { CallbackRegistration, Channel } from './channel.ts'
import { ChannelError } from './channel-error.ts'
import { createRegistrations } from './registrations.ts'

type Answer = CallbackRegistration | ChannelError

function channelThat(answers: Answer[], takesActions = true): { channel: Channel; asked: string[] } {
  const asked: string[] = []
  const channel = {
    tenantId: 'acme',
    name: 'dingtalk',
    takesActions,
    async registerCallback(url: string): Promise<CallbackRegistration> {
      asked.push(url)
      const answer = answers.shift()
      if (answer === undefined) throw new Error('asked too often')
      if (answer instanceof ChannelError) throw answer
      return answer
    },
  }
  return { channel: channel as unknown as Channel, asked }
}

function registrationsOf(channels: Channel[]) {
  const said: string[] = []
  const say = (_fields: object, message: string): void => void said.push(message)
  const deps = {
    channels: { all: async () => channels },
    publicUrl: 'https://sg.example',
    log: { info: say, warn: say },
    now: () => 1_000,
  }
  return { said, registrations: createRegistrations(deps as never) }
}

it('registers each channel once, and a changed one again', async () => {
  const one = channelThat([{ state: 'registered' }])
  const channels = [one.channel]
  const { registrations, said } = registrationsOf(channels)
  await registrations.refresh()
  await registrations.refresh()
  expect(one.asked).toEqual(['https://sg.example'])
  const changed = channelThat([{ state: 'registered' }])
  channels[0] = changed.channel
  await registrations.refresh()
  expect(changed.asked).toHaveLength(1)
  expect(said).toEqual(Array(2).fill('the platform knows where its callbacks go'))
})

it('leaves an address that is another host’s alone, and says so', async () => {
  const { channel, asked } = channelThat([{ state: 'taken', url: 'https://jp.example' }])
  const { registrations, said } = registrationsOf([channel])
  await registrations.refresh()
  await registrations.refresh()
  expect(asked).toHaveLength(1)
  expect(said).toEqual(['the callback address of the app belongs to another host'])
  expect(registrations.stateOf(channel)).toEqual({ state: 'taken', url: 'https://jp.example', code: null, at: 1_000 })
})

it('replaces an address when somebody asks for it, and knows it from then on', async () => {
  const { channel } = channelThat([{ state: 'taken', url: 'https://jp.example' }, { state: 'registered' }])
  const { registrations } = registrationsOf([channel])
  expect(registrations.stateOf(channel)).toMatchObject({ state: 'unknown', at: null })
  await registrations.refresh()
  expect(await registrations.register(channel, { replace: true })).toEqual({ state: 'registered' })
  expect(registrations.stateOf(channel)).toMatchObject({ state: 'registered', url: null })
})

it('tries again what failed, and complains of the same thing once', async () => {
  const down = (): ChannelError => new ChannelError('retry', 'ECONNREFUSED', 'no connection')
  const { channel, asked } = channelThat([down(), down(), { state: 'registered' }])
  const { registrations, said } = registrationsOf([channel])
  await registrations.refresh()
  expect(registrations.stateOf(channel)).toMatchObject({ state: 'failed', code: 'ECONNREFUSED' })
  for (let n = 0; n < 2; n += 1) await registrations.refresh()
  expect(asked).toHaveLength(3)
  expect(said).toEqual(['the callback address could not be registered', 'the platform knows where its callbacks go'])
})

it('asks nothing for a channel that could not verify what it would get', async () => {
  const { channel, asked } = channelThat([], false)
  await registrationsOf([channel]).registrations.refresh()
  expect(asked).toEqual([])
})
