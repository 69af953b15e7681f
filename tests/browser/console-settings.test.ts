import { describe, expect, it } from 'vitest'
import { become, see, seeNoMore, useStage } from '../_browser.ts'
import { openConsole, ownHeaders } from './_console.ts'

/* Everybody's own notification settings at the desktop, and an administrator's on behalf of others. */

const stage = useStage({
  strangers: [{ id: 'chen2', name: '陈伟', platform: 'lark', email: 'chen@lark.test', locale: 'en_us' }],
})
const apiPlace = (uid: string): string => `${stage.world.url}/api/app/people/${uid}/notification-settings`

/** The code that the bot said last to this account. */
async function codeSaidTo(account: string): Promise<string> {
  await stage.world.drain()
  return /\b\d{6}\b/.exec(JSON.stringify(stage.world.sandbox.chat(account).at(-1) ?? ''))?.[0] ?? ''
}

describe('one’s own settings', () => {
  it('lead from the account menu to another account, shown by a code to be one’s own, and tried', async () => {
    const page = await openConsole(stage, 'chen', 'tickets', { platform: 'Feishu' })
    await page.getByRole('button', { name: '陈伟' }).click()
    await page.getByRole('menuitem', { name: 'My settings' }).click()
    await see(page.getByRole('heading', { level: 1, name: 'My settings' }))
    await see(page.getByText('DBA', { exact: true }))
    await stage.shot(page, 'own')

    await page.getByRole('button', { name: 'Lark: Set up' }).click()
    const dialog = page.getByRole('dialog', { name: 'Lark' })
    await dialog.getByLabel('E-mail address', { exact: true }).last().fill('chen@lark')
    await dialog.getByRole('button', { name: 'Send code' }).click()
    await see(dialog.getByText('This is not an e-mail address.'))
    await stage.shot(page, 'bad-address')
    await dialog.getByLabel('E-mail address', { exact: true }).last().fill('chen@lark.test')
    await dialog.getByRole('button', { name: 'Send code' }).click()
    const field = dialog.getByLabel('Code of six digits')
    await see(field)
    const code = await codeSaidTo('chen2')
    await field.fill(code === '000000' ? '000001' : '000000')
    await see(dialog.getByText('This code is not right.'))
    await stage.shot(page, 'wrong-code')
    await field.fill(code)
    await see(dialog.getByText('chen@lark.test'))
    await dialog.getByRole('button', { name: 'Send a test message' }).click()
    await see(dialog.getByText('Accepted', { exact: true }))
    await stage.shot(page, 'tested')
    expect(page.url()).toContain('/console/settings/lark')
    await page.keyboard.press('Escape')
    await seeNoMore(dialog)
    await see(page.locator('[data-channel="lark"]').getByText('chen@lark.test'))
  })

  it('say when nothing gets through any more, and for how many tickets', async () => {
    await stage.world.api.submit({ title: 'Waits', nodes: [{ name: 'Owner', approvers: ['li'] }] })
    const page = await openConsole(stage, 'li', 'settings', { platform: 'Feishu' })
    const toggle = page.getByRole('switch', { name: 'Notify me through Feishu' })
    await toggle.locator('..').click()
    await see(page.getByText('No channel is on. Nothing reaches you outside this console.'))
    await see(page.getByText('Tickets waiting for a decision meanwhile: 1'))
    await stage.shot(page, 'unreachable')
    await toggle.locator('..').click()
    await seeNoMore(page.getByText('No channel is on.'))
  })

  it('show an address of the provisioning file, and do not offer to change it', async () => {
    const page = await openConsole(stage, 'carol', 'settings/lark')
    const dialog = page.getByRole('dialog', { name: 'Lark' })
    await see(dialog.getByText('carol@acme.test'))
    await see(dialog.getByText('Only an administrator can change it.'))
    expect(await dialog.getByRole('button', { name: 'Change', exact: true }).count()).toBe(0)
    expect(await dialog.getByRole('button', { name: 'Remove this address' }).count()).toBe(0)
  })

  it('keep quiet hours, summary, language and time zone', async () => {
    const page = await openConsole(stage, 'dan', 'settings')
    await page.getByRole('switch', { name: 'Use quiet hours' }).locator('..').click()
    await page.getByLabel('From', { exact: true }).fill('22:00')
    await page.getByLabel('To', { exact: true }).fill('22:00')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await see(page.getByRole('alert').getByText('Please give two different times.'))
    await page.getByLabel('To', { exact: true }).fill('06:30')
    await see(page.getByText('They end at 6:30 AM on the next day.'))
    await page.getByRole('combobox', { name: 'Time zone' }).click()
    await page.getByRole('option', { name: 'Jakarta (UTC+07:00)' }).click()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await see(page.getByText('Saved', { exact: true }))
    await page.reload()
    await become(() => page.getByLabel('To', { exact: true }).inputValue(), '06:30')
    const kept = await (await page.request.get(apiPlace('dan'))).json()
    expect(kept).toMatchObject({ quietHours: { from: '22:00', to: '06:30' }, timeZone: 'Asia/Jakarta', locale: null })
  })

  it('ask before what was typed is thrown away', async () => {
    const page = await openConsole(stage, 'dan', 'settings/webhook')
    const url = page.getByLabel('Webhook URL')
    await url.fill('http://127.0.0.1:8099/hook')
    await page.keyboard.press('Escape')
    const question = page.getByRole('dialog', { name: 'Leave without saving?' })
    await see(question)
    await question.getByRole('button', { name: 'Keep editing' }).click()
    await seeNoMore(question)
    await become(() => url.inputValue(), 'http://127.0.0.1:8099/hook')
    await page.keyboard.press('Escape')
    await question.getByRole('button', { name: 'Discard' }).click()
    await seeNoMore(url)
  })
})

describe('settings on behalf of somebody', () => {
  it('are made by an administrator from the list of people, without a code, and are in the audit', async () => {
    const page = await openConsole(stage, 'alice', 'people')
    await page.getByRole('link', { name: 'Notification settings: Bob Miller' }).click()
    await see(page.getByRole('heading', { level: 1, name: 'Bob Miller' }))
    await see(page.getByText('You set this on behalf of Bob Miller'))
    await page.getByRole('button', { name: 'Custom webhook: Set up' }).click()
    const dialog = page.getByRole('dialog', { name: 'Custom webhook' })
    await dialog.getByLabel('Webhook URL').fill('http://127.0.0.1:8099/hook')
    await dialog.getByText('HMAC_SHA1', { exact: true }).click()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await see(dialog.getByText('HMAC_SHA1 needs a key.'))
    await dialog.getByLabel('Signature Key').fill('a key of Bob’s')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await see(dialog.getByText('Set, not shown'))
    await stage.shot(page, 'on-behalf')
    expect(await page.content()).not.toContain('a key of Bob’s')
    await dialog.getByRole('button', { name: 'Remove this address' }).click()
    await page.getByRole('tooltip').getByRole('button', { name: 'Remove this address' }).click()
    await see(dialog.getByLabel('Webhook URL'))
    const audit = await (await page.request.get(`${stage.world.url}/api/app/console/audit?actor=alice`)).json()
    const actions = audit.items.map(({ action, target }: { action: string; target: string }) => `${action} ${target}`)
    expect(actions).toContain('notification.channel_set user:bob')
    expect(actions).toContain('notification.channel_removed user:bob')
  })

  it('are refused to everybody else, by the page and by the server', async () => {
    const page = await openConsole(stage, 'bob', 'people/alice/settings')
    await see(page.getByText('You may not do this.'))
    await stage.shot(page, 'refused')
    const headers = ownHeaders(stage)
    const place = apiPlace('alice')
    expect((await page.request.get(place)).status()).toBe(403)
    expect((await page.request.patch(place, { headers, data: { digestAt: '10:00' } })).status()).toBe(403)
    expect((await page.request.delete(`${place}/channels/lark`, { headers })).status()).toBe(403)
    const dba = await openConsole(stage, 'chen', 'people', { platform: 'Feishu' })
    await see(dba.getByText('Bob Miller'))
    expect(await dba.getByRole('link', { name: /Notification settings/ }).count()).toBe(0)
    expect((await dba.request.get(place)).status()).toBe(403)
    const admin = await openConsole(stage, 'alice', 'people/nobody/settings')
    await see(admin.getByText('It does not exist any more.'))
  })
})

describe.each([
  { language: 'zh-CN', dark: true, title: '我的设置', group: '即时消息' },
  { language: 'ar', dark: false, title: 'إعداداتي', group: 'المراسلة الفورية' },
] as const)('one’s own settings in $language', ({ language, dark, title, group }) => {
  it('read in the direction of the language, addresses from left to right', async () => {
    const page = await openConsole(stage, 'alice', 'settings', { language, dark })
    await see(page.getByRole('heading', { level: 1, name: title }))
    await see(page.getByRole('heading', { level: 2, name: group }))
    expect(await page.locator('html').getAttribute('dir')).toBe(language === 'ar' ? 'rtl' : 'ltr')
    const row = page.locator('[data-channel="lark"]')
    const [icon, button] = await Promise.all([
      row.locator('.tile').boundingBox(),
      row.getByRole('button').boundingBox(),
    ])
    const isIconLeft = (icon?.x ?? 0) < (button?.x ?? 0)
    expect(isIconLeft).toBe(language !== 'ar')
    expect(await row.locator('bdi').evaluate((bdi) => bdi.matches(':dir(ltr)'))).toBe(true)
    await stage.shot(page, `${language}-settings`)
    await page.goto(`${stage.world.url}/console/settings/sms`)
    await see(page.getByRole('dialog'))
    await page.goto(`${stage.world.url}/console/settings/webhook`)
    await see(page.getByRole('dialog'))
    await stage.shot(page, `${language}-webhook`)
  })
})
