import { describe, expect, it } from 'vitest'
import { DingtalkRobotSettings, WebhookSettings, WecomRobotSettings } from './provisioning.ts'

describe('the settings of channels that only tell', () => {
  it('need nothing but to be there', () => {
    expect(DingtalkRobotSettings.parse({})).toEqual({
      ...{ enabled: true, keyword: 'DMS数据管理', messageType: 'actionCard', origins: [] },
    })
    expect(WecomRobotSettings.parse({})).toEqual({ enabled: true, messageType: 'card', origins: [] })
    expect(WebhookSettings.parse({})).toEqual({
      ...{ enabled: true, allowPrivateNetworks: false, signatureRecipe: 'url-newline-event' },
    })
  })

  it.each(['http://127.0.0.1:8090', 'https://robots.acme.example'])(
    'take an origin of the administrator: %s',
    (origin) => {
      expect(DingtalkRobotSettings.parse({ origins: [origin, `${origin}/`] }).origins).toEqual([origin, origin])
    },
  )

  it.each([
    'https://robots.acme.example/robot/send',
    'https://robots.acme.example?a=b',
    'https://user@robots.acme.example',
    'ftp://robots.acme.example',
    'robots.acme.example',
    'https://ROBOTS.acme.example',
    '',
  ])('take nothing that is more or less than an origin: %s', (origin) => {
    expect(WecomRobotSettings.safeParse({ origins: [origin] }).success).toBe(false)
  })
})
