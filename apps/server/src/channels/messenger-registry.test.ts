import { describe, expect, it } from 'vitest'
import { createEgress } from '#server/net/egress.ts'
import { dingtalkRobotHarness } from './dingtalk-robot/_harness.ts'
import { emailHarness } from './email/_harness.ts'
import { describeMessenger, type MessengerHarness } from './messenger.contract.ts'
import {
  createMessenger,
  isMessengerName,
  messengerKind,
  messengerNames,
  messengerTraits,
} from './messenger-registry.ts'
import { channelNames } from './registry.ts'
import { smsHarness } from './sms/_harness.ts'
import { webhookHarness } from './webhook/_harness.ts'
import { wecomRobotHarness } from './wecom-robot/_harness.ts'

/** One for each messenger: without its line here, the first test below fails. */
const harnesses: readonly MessengerHarness[] = [
  dingtalkRobotHarness,
  wecomRobotHarness,
  webhookHarness,
  emailHarness,
  smsHarness,
]

const egress = {
  open: createEgress({ allowPrivateNetworks: true }),
  publicOnly: createEgress({ allowPrivateNetworks: false }),
}
/** Without links that decide: what a mail carries beyond the notice is its own tests' matter. */
const mailLinks = {
  decisions: async () => null,
  signOff: () => 'https://approve.example.com/mail-notices/acme/alice/proof',
}
const deps = { now: Date.now, egress, mailLinks }

describe('the registry of messengers', () => {
  it('has none that is not held to the contract, and none that carries cards', () => {
    expect(harnesses.map(({ name }) => name).sort()).toEqual([...messengerNames].sort())
    expect(messengerNames.filter((name) => new Set<string>(channelNames).has(name))).toEqual([])
  })

  it('knows them by name and nothing else', () => {
    for (const name of messengerNames) expect(isMessengerName(name)).toBe(true)
    for (const name of ['', 'lark', 'callback', 'toString', '__proto__']) expect(isMessengerName(name)).toBe(false)
    const record = { tenantId: 'acme', name: 'lark', settings: {} } as const
    expect(() => createMessenger(record, deps)).toThrow('lark is no channel that only tells')
  })

  it.each(harnesses)('checks the settings of $name and fills in what is left out', ({ name, settings }) => {
    if (!isMessengerName(name)) return expect.fail('not registered')
    const { parseSettings } = messengerKind(name)
    for (const [, given] of settings) expect(parseSettings(given)).toMatchObject({ enabled: true, ...given })
    expect(() => parseSettings({ ...settings[0]?.[1], unknown: 1 })).toThrow()
    return undefined
  })
})

for (const harness of harnesses) {
  const traits = messengerTraits.find(({ name }) => name === harness.name)
  if (traits === undefined) throw new Error(`${harness.name} is not registered`)
  describeMessenger(harness, traits, (settings) =>
    createMessenger({ tenantId: 'acme', name: harness.name, settings }, deps),
  )
}
