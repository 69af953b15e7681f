import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { addressOf, become, h5Path, see, seeNoMore, useStage } from '../_browser.ts'
import { barriers } from './_barriers.ts'
import { type SettingsServer, standIn } from './_settings-server.ts'
import { settingsWords } from './_settings-words.ts'

/* The notification settings of the H5 app: where tickets reach a person, and when. */

const stage = useStage({
  change: ({ tenants: [tenant] }) => {
    for (const user of tenant?.users ?? []) if (user.uid === 'carol') user.locale = 'ar'
  },
})
const ways = [
  { language: 'en', uid: 'alice', name: 'Alice Tan', platform: 'lark' },
  { language: 'zh-CN', uid: 'chen', name: '陈伟', platform: 'feishu' },
  { language: 'ar', uid: 'carol', name: 'Carol Ng', platform: 'lark' },
] as const
type Way = (typeof ways)[number]
const [english] = ways

async function openList(way: Way, looks: { dark?: boolean; width?: number } = {}) {
  const page = await stage.webView(way.uid, `?t=acme&c=${way.platform}`, { language: way.language, ...looks })
  await see(page.getByRole('tabpanel'))
  const server = await standIn(page, { uid: way.uid, name: way.name, locale: way.language })
  return { page, server }
}
/** The settings, or a channel of them, by its address. */
async function open(way: Way, path = '', looks: { dark?: boolean; width?: number } = {}) {
  const { page, server } = await openList(way, looks)
  await page.evaluate(`location.hash = '#/settings${path}'`)
  await see(page.getByRole('heading', { level: 1 }).and(page.locator('.settings h1')))
  return { page, server }
}
const row = (page: Page, name: string) =>
  page.getByRole('listitem').filter({ has: page.getByText(name, { exact: true }) })
const bodyOf = (server: SettingsServer, name: string) => server.calls.filter((call) => call.name === name).at(-1)?.body
const overhang = (page: Page): Promise<unknown> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')

describe.each(ways)('in $language', (way) => {
  const say = settingsWords[way.language]

  it('are opened from the account, and show every channel: one that is not enabled with the reason', async () => {
    const { page } = await openList(way)
    await page.getByRole('button', { name: say.account }).click()
    await page.getByRole('dialog').getByRole('button', { name: say.title }).click()
    await see(page.getByRole('heading', { level: 1, name: say.title }))
    // The sheet that led here lets the page go again.
    expect(await page.locator('body.van-overflow-hidden').count()).toBe(0)
    for (const group of say.groups) await see(page.getByRole('heading', { level: 2, name: group }))
    expect(await page.locator('.set-row').count()).toBe(9)
    await see(row(page, say.exclusive).getByText(say.notEnabled))
    expect(await row(page, say.exclusive).getByRole('switch').count()).toBe(0)
    await see(page.getByText(say.reason))
    expect(await page.locator('html').getAttribute('dir')).toBe(way.language === 'ar' ? 'rtl' : 'ltr')
    await stage.shot(page, `${way.language}-list`)

    await row(page, say.exclusive).getByRole('link').click()
    await see(page.getByRole('note').getByText(say.reason))
    await page.goBack()
    await see(page.getByRole('heading', { level: 1, name: say.title }))
    await page.goBack()
    await see(page.getByRole('tabpanel'))
  })

  it('take a mobile number once a code has shown whose it is, and no wrong code', async () => {
    const { page, server } = await open(way)
    await row(page, say.sms).getByRole('link').click()
    await page.getByLabel(say.mobile).fill('12')
    await page.getByRole('button', { name: say.sendCode }).click()
    await see(page.getByText(say.checkNumber))
    expect(server.calls).toEqual([])

    await page.getByLabel(say.mobile).fill('+65 9123 4567')
    await page.getByRole('button', { name: say.sendCode }).click()
    await see(page.getByRole('heading', { name: say.enterCode }))
    expect(bodyOf(server, 'sendVerificationCode')).toEqual({ address: { mobile: '+6591234567' } })
    const code = page.getByLabel(say.code)
    expect(await code.getAttribute('autocomplete')).toBe('one-time-code')
    await code.pressSequentially('111111')
    await see(page.getByRole('alert').getByText(say.wrongCode))
    expect(await code.inputValue()).toBe('')
    await stage.shot(page, `${way.language}-wrong-code`)

    // As an Arabic keyboard writes it, a code is a code.
    const arabic = [...server.codeFor()].map((figure) => String.fromCharCode(0x0660 + Number(figure))).join('')
    await code.pressSequentially(way.language === 'ar' ? arabic : server.codeFor())
    await see(page.getByText(say.saved))
    await see(page.getByText('+65••••4567'))
    await become(() => page.getByRole('switch', { name: say.receive }).getAttribute('aria-checked'), 'true')
    await stage.shot(page, `${way.language}-number-stored`)
  })

  it('show what the organization has set, locked, with the reason', async () => {
    const { page } = await open(way, '/feishu')
    await see(page.getByText(say.locked))
    expect(await page.getByRole('button', { name: say.change, exact: true }).count()).toBe(0)
    expect(await page.getByRole('button', { name: say.remove }).count()).toBe(0)
    await stage.shot(page, `${way.language}-locked`)
  })

  it('keep quiet hours over midnight', async () => {
    const { page, server } = await open(way)
    await page.getByRole('button', { name: say.quietHours }).click()
    const sheet = page.getByRole('dialog', { name: say.quietHours })
    await sheet.getByLabel(say.from, { exact: true }).fill('21:30')
    await see(sheet.getByText(say.nextDay))
    await stage.shot(page, `${way.language}-quiet-hours`)
    await sheet.getByRole('button', { name: say.save }).click()
    await seeNoMore(sheet)
    expect(bodyOf(server, 'changeNotificationSettings')).toEqual({ quietHours: { from: '21:30', to: '07:00' } })
  })
})

describe('a code', () => {
  it('can be asked for again after a minute, not before, and is of no use after ten', async () => {
    const { page, server } = await openList(english)
    await page.clock.install()
    await page.evaluate(`location.hash = '#/settings/email'`)
    await page.getByRole('button', { name: 'Change', exact: true }).click()
    await page.getByLabel('E-mail address').fill('alice@elsewhere.test')
    await page.getByRole('button', { name: 'Send code' }).click()
    await see(page.getByText(/Send again in 0:5\d/))
    // The server counts, too: going back to the form is no way around it.
    await page.getByRole('button', { name: 'Change the address' }).click()
    expect(await page.getByLabel('E-mail address').inputValue()).toBe('alice@elsewhere.test')
    await page.getByRole('button', { name: 'Send code' }).click()
    await see(page.getByRole('alert').getByText('Too often for now.'))

    await page.clock.fastForward(61_000)
    server.goOn(61_000)
    await page.getByRole('button', { name: 'Send code' }).click()
    await see(page.getByRole('heading', { name: 'Enter the code' }))
    await page.clock.fastForward(601_000)
    server.goOn(601_000)
    await see(page.getByRole('alert').getByText('This code can no longer be used.'))
    await page.getByRole('button', { name: 'Send again' }).click()
    await seeNoMore(page.getByText('This code can no longer be used.'))
    await page.getByLabel('Code of six digits').pressSequentially(server.codeFor())
    await see(page.getByText('alice@elsewhere.test'))
    await seeNoMore(page.getByLabel('Code of six digits'))
  })

  it('that counted although its answer was lost is not asked for again', async () => {
    const { page, server } = await open(english, '/sms')
    await page.getByLabel('Mobile number').fill('+6591234567')
    await page.getByRole('button', { name: 'Send code' }).click()
    const code = page.getByLabel('Code of six digits')
    stage.expectComplaint('ERR_FAILED')
    await page.route(
      '**/channels/sms',
      async (route) => {
        server.trouble = 'lost answer'
        await route.fallback()
        server.trouble = undefined
      },
      { times: 1 },
    )
    await code.pressSequentially(server.codeFor())
    await see(page.getByText('+65••••4567'))
    expect(server.calls.filter((call) => call.name === 'setNotificationChannel')).toHaveLength(1)
  })
})

describe('a channel', () => {
  it('is switched in the list; what cannot be stored is not shown as if it were', async () => {
    const { page, server } = await open(english)
    const toggle = page.getByRole('switch', { name: 'Notify me through E-mail' })
    await toggle.press(' ')
    await become(() => toggle.getAttribute('aria-checked'), 'false')
    expect(bodyOf(server, 'setNotificationChannel')).toEqual({ enabled: false })
    server.trouble = 'broken'
    await toggle.click()
    await see(row(page, 'E-mail').getByRole('alert'))
    expect(await toggle.getAttribute('aria-checked')).toBe('false')
  })

  it('for Lark is found by e-mail address or by mobile number, with the country from a list', async () => {
    const { page, server } = await open(english, '/lark')
    await see(page.getByLabel('E-mail address').and(page.locator('input[type="email"]')))
    await page.getByRole('radio', { name: 'Mobile number' }).check()
    await page.getByRole('button', { name: /^Country or region/ }).click()
    const sheet = page.getByRole('dialog', { name: 'Country or region' })
    expect(await sheet.locator('.choice').nth(5).textContent()).toContain('Saudi Arabia')
    await sheet.getByRole('searchbox').fill('indo')
    await sheet.getByRole('button', { name: /Indonesia/ }).click()
    await page.locator('#address-mobile').fill('0812 3456 7890')
    await see(page.getByText('+6281234567890'))
    await page.getByRole('button', { name: 'Send code' }).click()
    await see(page.getByText(/has an account in Lark/))
    expect(bodyOf(server, 'sendVerificationCode')).toEqual({ address: { mobile: '+6281234567890' } })
    await stage.shot(page, 'lark-by-mobile')
  })

  it('of the account that the person is logged in with is stored without a code', async () => {
    const { page, server } = await open(english, '/lark')
    await page.locator('#address-email').fill('alice@acme.test')
    await page.getByRole('button', { name: 'Send code' }).click()
    await see(page.getByRole('switch', { name: 'Notify me through Lark' }))
    expect(bodyOf(server, 'setNotificationChannel')).toEqual({ address: { email: 'alice@acme.test' }, enabled: true })
  })

  it('that is a robot says what to do there, and its test what the platform answered', async () => {
    const { page, server } = await open(english, '/dingtalkRobot')
    await page.getByRole('button', { name: 'Change', exact: true }).click()
    await see(page.getByText('Under Security Settings choose Custom Keywords and add DMS.'))
    await page.getByLabel('Webhook URL').fill('https://oapi.dingtalk.com/robot/send?access_token=f00d')
    await page.getByLabel('Signing secret (optional)').fill('SECf00d')
    await page.getByRole('button', { name: 'Save' }).click()
    await see(page.getByText('https://oapi.dingtalk.com/robot/send?access_token=••••'))
    await see(page.getByText('Set, not shown'))
    expect(bodyOf(server, 'setNotificationChannel')).toEqual({
      address: { url: 'https://oapi.dingtalk.com/robot/send?access_token=f00d', secret: 'SECf00d' },
    })
    await page.getByRole('button', { name: 'Send a test message' }).click()
    await see(page.getByText('Not accepted'))
    await see(page.getByText('310000'))
    await see(page.getByText('keywords not in content'))
    await stage.shot(page, 'robot-tested')
  })

  it('that is a webhook needs a key to sign with, and works without signing', async () => {
    const { page, server } = await open(english, '/webhook')
    await page.getByLabel('Webhook URL').fill('https://hooks.example/events')
    await page.getByRole('radio', { name: 'HMAC_SHA1' }).check()
    await page.getByRole('button', { name: 'Save' }).click()
    await see(page.getByText('HMAC_SHA1 needs a key.'))
    await become(
      () => page.getByLabel('Signature Key').evaluate((field) => field === field.ownerDocument.activeElement),
      true,
    )
    await page.getByLabel('Signature Key').fill('a key')
    await page.getByRole('button', { name: 'Save' }).click()
    await see(page.getByText('Saved'))
    const address = { url: 'https://hooks.example/events', signatureMethod: 'HMAC_SHA1', signatureKey: 'a key' }
    expect(bodyOf(server, 'setNotificationChannel')).toEqual({ address, enabled: true })
  })

  it('comes at once or once a day, and is forgotten after a question', async () => {
    const { page, server } = await open(english, '/email')
    await page.getByRole('radio', { name: 'At once' }).click()
    await see(page.getByText('Each message comes as soon as there is one.'))
    expect(bodyOf(server, 'setNotificationChannel')).toEqual({ mode: 'instant' })
    await page.getByRole('button', { name: 'Remove this address' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Remove this address' }).click()
    await see(page.getByRole('heading', { name: 'Where shall it go?' }))
    expect(server.calls.at(-1)).toMatchObject({ name: 'removeNotificationChannel', channel: 'email' })
  })
})

describe('language and time zone', () => {
  it('a language holds at once, on this page and in the list behind it', async () => {
    const { page, server } = await open(english)
    await page.getByRole('button', { name: /^Language/ }).click()
    await page.getByRole('button', { name: '日本語' }).click()
    await see(page.getByRole('heading', { level: 1, name: '通知設定' }))
    expect(await page.locator('html').getAttribute('lang')).toBe('ja')
    expect(bodyOf(server, 'changeNotificationSettings')).toEqual({ locale: 'ja' })
    await page.locator('.navbar-back').click()
    await see(page.getByRole('heading', { level: 1, name: '承認' }))
  })

  it('a time zone is found by its city, its name or its distance', async () => {
    const { page, server } = await open(english)
    const line = page.getByRole('button', { name: /^Time zone/ })
    await line.click()
    const sheet = page.getByRole('dialog', { name: 'Time zone' })
    const search = sheet.getByRole('searchbox')
    await search.fill('japan')
    await see(sheet.getByRole('button', { name: /^Tokyo/ }))
    await search.fill('+05:45')
    await see(sheet.getByRole('button', { name: /^Kath?mandu/ }))
    await search.fill('nowhere at all')
    await see(sheet.getByText('No match'))
    await search.fill('riyadh')
    await sheet.getByRole('button', { name: /^Riyadh/ }).click()
    await seeNoMore(sheet)
    await see(line.getByText('Riyadh (UTC+03:00)'))
    expect(bodyOf(server, 'changeNotificationSettings')).toEqual({ timeZone: 'Asia/Riyadh' })
  })
})

describe('nothing is lost', () => {
  it('what was typed is asked about before the page is left, by the button and by the phone', async () => {
    const { page } = await open(english)
    await row(page, 'Lark').getByRole('link').click()
    const field = page.locator('#address-email')
    await field.fill('alice@elsewhere.test')
    for (const leave of [() => page.locator('.navbar-back').click(), () => page.evaluate('history.back()')]) {
      await leave()
      const question = page.getByRole('dialog', { name: 'Leave without saving?' })
      await question.getByRole('button', { name: 'Keep editing' }).click()
      await seeNoMore(question)
      expect(await field.inputValue()).toBe('alice@elsewhere.test')
      expect(addressOf(page)).toContain('#/settings/lark')
    }
    await page.locator('.navbar-back').click()
    await page.getByRole('button', { name: 'Discard' }).click()
    await see(page.getByRole('heading', { level: 1, name: 'Notification settings' }))
    await row(page, 'Lark').getByRole('link').click()
    await see(field)
    expect(await field.inputValue()).toBe('')
  })

  it('without a connection it says so, keeps what was typed, and sends it at the next try', async () => {
    const { page, server } = await open(english, '/wecomRobot').then(async ({ page, server }) => {
      await page.evaluate(`location.hash = '#/settings/webhook'`)
      return { page, server }
    })
    const url = page.getByLabel('Webhook URL')
    await url.fill('https://hooks.example/events')
    stage.expectComplaint('ERR_FAILED')
    server.trouble = 'no answer'
    await page.getByRole('button', { name: 'Save' }).click()
    await see(page.getByRole('alert').getByText('No answer.'))
    expect(await url.inputValue()).toBe('https://hooks.example/events')
    server.trouble = undefined
    await page.getByRole('button', { name: 'Save' }).click()
    await see(page.getByText('Saved'))
  })

  it('settings that cannot be had are named as that, and tried again by the person', async () => {
    const { page, server } = await openList(english)
    server.trouble = 'broken'
    await page.evaluate(`location.hash = '#/settings'`)
    await see(page.getByRole('heading', { name: 'Something went wrong' }))
    server.trouble = undefined
    await page.getByRole('button', { name: 'Try again' }).click()
    await see(page.getByRole('heading', { level: 1, name: 'Notification settings' }))
  })
})

it.each(['#/settings', '&page=settings'])(
  'a link (%s) leads right to them, and back leads to the list',
  async (link) => {
    const { page } = await openList(english)
    await page.goto('about:blank')
    await page.goto(`${stage.world.url}${h5Path}?t=acme&c=lark${link}`)
    await see(page.getByRole('heading', { level: 1, name: 'Notification settings' }))
    await page.locator('.navbar-back').click()
    await see(page.getByRole('tabpanel'))
  },
)

it('a link to them outlives the log-in by redirect', async () => {
  const page = await stage.phoneBrowser()
  await standIn(page, { uid: 'alice', name: 'Alice Tan', locale: 'en' })
  await page.goto(`${stage.world.url}${h5Path}?t=acme&c=lark#/settings`)
  await page.locator('a[data-person="alice"]').click()
  await see(page.getByRole('heading', { level: 1, name: 'Notification settings' }))
})

it('a link to a channel that does not exist says so', async () => {
  const { page } = await openList(english)
  await page.evaluate(`location.hash = '#/settings/pigeon'`)
  await see(page.getByRole('heading', { name: 'No such channel' }))
  await page.getByRole('link', { name: 'All channels' }).click()
  await see(page.getByRole('heading', { level: 1, name: 'Notification settings' }))
})

describe.each([
  { sight: 'the list', path: '', look: async () => undefined },
  { sight: 'a form', path: '/webhook', look: (page: Page) => page.getByRole('button', { name: 'Save' }).click() },
  { sight: 'a stored address', path: '/email', look: (page: Page) => page.locator('.test-button').click() },
  { sight: 'a long list', path: '', look: (page: Page) => page.getByRole('button', { name: /^Time zone/ }).click() },
])('for everybody: $sight', ({ sight, path, look }) => {
  it.each([false, true])('has no barriers (dark: %s)', async (dark) => {
    const { page } = await open(english, path, { dark })
    await look(page)
    await stage.shot(page, `${sight.replaceAll(' ', '-')}${dark ? '-dark' : ''}`)
    expect(await barriers(page)).toEqual([])
  })

  it('fits on a phone 320 px wide, with nothing to tap below 44 px', async () => {
    const { page } = await open(english, path, { width: 320 })
    await look(page)
    expect(await overhang(page)).toBe(0)
    await stage.shot(page, `${sight.replaceAll(' ', '-')}-small`)
    const small: string[] = []
    for (const target of await page.locator('button, a, input').filter({ visible: true }).all()) {
      const box = await target.boundingBox()
      // A field is as large as the box around it, which it is labelled in.
      const isField = (await target.getAttribute('class'))?.includes('van-field__control') === true
      if (box !== null && !isField && (box.height < 44 || box.width < 44)) small.push(await target.innerHTML())
    }
    expect(small).toEqual([])
  })
})
