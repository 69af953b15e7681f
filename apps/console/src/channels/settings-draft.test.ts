import type { ManagedChannel, SettingField } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { arranged, changesOf, draftOf, missingIn } from './settings-draft.ts'

const field = (name: string, more: Partial<SettingField> = {}): SettingField => ({
  ...{ name, kind: 'text', isRequired: false, isAddress: false },
  ...{ options: null, min: null, max: null, default: null },
  ...more,
})
const fields = [
  field('appId', { isRequired: true }),
  field('appSecret', { kind: 'secret', isRequired: true }),
  field('encryptKey', { kind: 'secret' }),
  field('connection', { kind: 'choice', options: ['http', 'stream'], default: 'http' }),
  field('openUrl', { isAddress: true, default: 'https://open.example' }),
  field('monthlyCallQuota', { kind: 'number', min: 1 }),
  field('saveCallsFrom', { kind: 'shares', options: ['cards', 'reminders'] }),
  field('origins', { kind: 'list', default: [] }),
]
const channel = (more: Partial<ManagedChannel> = {}): ManagedChannel => ({
  ...{ name: 'lark', enabled: true, hasAdapter: true, isLive: true, reachedBy: 'http', takesActions: true },
  ...{ connection: null, callbackRegistration: null, quota: null, isConfigured: true, provisioned: false },
  fields,
  settings: { appId: 'cli_1', connection: 'http', openUrl: 'https://open.example', saveCallsFrom: { cards: 75 } },
  secretsSet: ['appSecret', 'encryptKey'],
  ...more,
})

describe('the form of a channel', () => {
  it('sends nothing that was not changed, and no secret that was not typed', () => {
    const stored = channel()
    expect(changesOf(stored, draftOf(stored))).toEqual({})
    expect(missingIn(stored, draftOf(stored))).toEqual({})
  })

  it('sends each kind of setting as the server takes it, and null for what was emptied', () => {
    const stored = channel()
    const draft = draftOf(stored)
    draft.texts.openUrl = ' '
    draft.texts.monthlyCallQuota = '9000'
    draft.texts.origins = 'https://a.example\n\n https://b.example '
    draft.texts.appSecret = 'new'
    draft.removed.encryptKey = true
    draft.shares.saveCallsFrom = { cards: '', reminders: 'never' }
    expect(changesOf(stored, draft)).toEqual({
      ...{ openUrl: null, monthlyCallQuota: 9_000, appSecret: 'new', encryptKey: null },
      origins: ['https://a.example', 'https://b.example'],
      saveCallsFrom: { reminders: 'never' },
    })
  })

  it('asks for what is required, and for a secret again only where an address changes', () => {
    const empty = channel({ isConfigured: false, settings: {}, secretsSet: [] })
    const key = 'channels.required'
    expect(missingIn(empty, draftOf(empty))).toEqual({ appId: { key }, appSecret: { key } })
    const stored = channel()
    const moved = draftOf(stored)
    moved.texts.openUrl = 'https://other.example'
    expect(missingIn(stored, moved)).toEqual({ appSecret: { key: 'channels.secretAgain' } })
    moved.texts.appSecret = 'again'
    expect(missingIn(stored, moved)).toEqual({})
  })

  it('puts first what nobody can do without, and everything where there is little', () => {
    const names = (some: SettingField[]): string[] => some.map(({ name }) => name)
    const { first, more } = arranged(fields)
    expect(names(first)).toEqual(['appId', 'appSecret', 'encryptKey', 'connection'])
    expect(names(more)).toEqual(['openUrl', 'monthlyCallQuota', 'saveCallsFrom', 'origins'])
    const robot = [field('keyword', { default: 'x' }), field('origins', { kind: 'list', default: [] })]
    expect(names(arranged(robot).first)).toEqual(['keyword', 'origins'])
  })
})
