import { type ChannelSetting, channelNames } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { channelGroups, groupChannels, isReachable, partsOf, shortAddress, stateOf } from './channel-groups.ts'

const setting = (given: Partial<ChannelSetting>): ChannelSetting => ({
  channel: 'lark',
  unavailable: null,
  enabled: false,
  mode: 'instant',
  modes: ['instant'],
  address: null,
  verification: 'bot',
  provisioned: false,
  ...given,
})
const address = { mobile: '+86138••••8000' }

describe('the groups', () => {
  it('have a place for every channel, once', () => {
    expect(channelGroups.flatMap((group) => [...group.channels]).sort()).toEqual([...channelNames].sort())
  })

  it('keep the order of DMS whatever the order of the answer, and leave out what is empty', () => {
    const settings = [setting({ channel: 'webhook' }), setting({ channel: 'feishu' }), setting({ channel: 'lark' })]
    expect(groupChannels(settings).map((group) => group.settings.map((one) => one.channel))).toEqual([
      ['lark', 'feishu'],
      ['webhook'],
    ])
  })
})

describe('a channel', () => {
  it('is on only when it is wanted, has an address and can be used', () => {
    expect(stateOf(setting({ enabled: true, address }))).toBe('on')
    expect(stateOf(setting({ address }))).toBe('off')
    expect(stateOf(setting({}))).toBe('empty')
    expect(stateOf(setting({ enabled: true, address, unavailable: 'not_enabled' }))).toBe('not_enabled')
    expect(isReachable([setting({}), setting({ enabled: true, address, unavailable: 'no_adapter' })])).toBe(false)
    expect(isReachable([setting({ enabled: true, address })])).toBe(true)
  })

  it('shows its address part by part, the telling one first', () => {
    const hook = { signatureKey: '••••', url: 'https://hooks.example/…', signatureMethod: 'HMAC_SHA1' }
    expect(partsOf(hook).map(({ part }) => part)).toEqual(['url', 'signatureMethod', 'signatureKey'])
    expect(shortAddress({ email: 'w••••@acme.example' })).toBe('w••••@acme.example')
    expect(shortAddress({ url: 'https://oapi.example/robot/send?access_token=••••' })).toBe('oapi.example')
    expect(shortAddress(hook)).toBe('hooks.example')
    expect(shortAddress({})).toBe('')
  })
})
