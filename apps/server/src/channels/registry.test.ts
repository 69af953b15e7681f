import { describe, expect, it } from 'vitest'
import { type ChannelHarness, describeChannel } from './channel.contract.ts'
import { createDingtalkHarness } from './dingtalk/_harness.ts'
import { createLarkHarness } from './lark/_harness.ts'
import { channelKind, channelNames, createChannel, isChannelName } from './registry.ts'

/** One for each channel: without its line here, the first test below fails. */
const harnesses: readonly ChannelHarness[] = [
  createLarkHarness('lark'),
  createLarkHarness('feishu'),
  createDingtalkHarness('dingtalk'),
  createDingtalkHarness('dingtalkExclusive'),
]

const deps = { log: { debug: () => undefined }, now: Date.now }

describe('the registry', () => {
  it('has no channel that is not held to the contract', () => {
    expect(harnesses.map(({ name }) => name).sort()).toEqual([...channelNames].sort())
  })

  it('knows its channels by name and nothing else', () => {
    for (const name of channelNames) expect(isChannelName(name)).toBe(true)
    for (const name of ['', 'Lark', 'callbackUrl', 'toString', '__proto__', 'email'])
      expect(isChannelName(name)).toBe(false)
    const record = { tenantId: 'acme', name: 'sms', settings: {} } as const
    expect(() => createChannel(record, deps)).toThrow('sms is no channel that carries cards')
  })

  it.each(harnesses)('checks the settings of $name and fills in what is left out', ({ name, settings }) => {
    if (!isChannelName(name)) return expect.fail('not registered')
    const { parseSettings } = channelKind(name)
    expect(parseSettings(settings('https://platform.example/'))).toMatchObject({ enabled: true })
    expect(() => parseSettings({})).toThrow()
    expect(() => parseSettings({ ...settings('https://platform.example'), unknown: 1 })).toThrow()
    expect(() =>
      parseSettings({ ...settings('https://platform.example'), openUrl: 'ftp://platform.example' }),
    ).toThrow()
  })
})

for (const harness of harnesses) {
  describeChannel(harness, (settings) => createChannel({ tenantId: 'acme', name: harness.name, settings }, deps))
}
