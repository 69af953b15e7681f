import { describe, expect, it } from 'vitest'
import { become, see, seeNoMore, useStage } from '../_browser.ts'
import { chooser, openConsole, ownHeaders } from './_console.ts'

/* Notice Management: who is told of what, changed by administrators and DBAs, with whom each rule reaches beside it. */

const stage = useStage({
  change: (file) => {
    const [acme] = file.tenants
    acme?.notificationRules.push({
      module: 'sql_review',
      event: 'approved',
      enabled: true,
      channels: ['lark'],
      roles: [],
      additionalUsers: [],
    })
    // Somebody whom nothing reaches.
    acme?.users.push({ uid: 'eve', name: 'Eve Unbound', roles: ['user'], disabled: false, channels: {} })
    acme?.approvalTemplates.push({
      id: 'clone-default',
      module: 'database_clone',
      nodes: [{ name: 'Owner', approvers: ['eve'], rule: 'any' }],
    })
  },
})
const rulesPath = (): string => `${stage.world.url}/api/app/notification-rules`

describe('a notification rule', () => {
  it('is found by module and event, modified with additional people and channels, and reset to the default', async () => {
    const page = await openConsole(stage, 'alice', 'notification?module=data_export&event=approved')
    await see(page.getByRole('heading', { level: 1, name: 'Notice Management' }))
    const row = page.getByRole('row').filter({ hasText: 'Data export' })
    await become(() => row.count(), 1)
    await see(row.getByText('Every enabled channel'))
    await see(row.getByText('The submitter'))
    await row.getByRole('button', { name: 'Modify' }).click()
    const dialog = page.getByRole('dialog', { name: 'Modify' })
    await see(dialog.getByText('Submitter', { exact: true }))
    await dialog.getByText('Only these').click()
    for (const channel of ['Feishu', 'Lark', 'webhook']) await dialog.getByText(channel, { exact: true }).click()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await see(dialog.getByText('Choose at least one channel.'))
    await dialog.getByText('Lark', { exact: true }).click()
    await dialog.getByText('DBAs', { exact: true }).click()
    await chooser(page, 'Additional users').click()
    await dialog.getByRole('combobox', { name: 'Additional users' }).fill('MILLER')
    await page.getByRole('option', { name: 'Bob Miller' }).click()
    await page.keyboard.press('Tab')
    await stage.shot(page, 'modify')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await seeNoMore(dialog)
    await see(row.getByText('Changed here'))
    await see(row.getByText('Submitter · DBAs'))
    await see(row.getByText('Bob Miller', { exact: true }))
    // Chen, the only DBA, is on Feishu alone.
    await row.getByRole('button', { name: '1 of 2 cannot be reached' }).click()
    const coverage = page.getByRole('dialog', { name: 'Data export · Approved' })
    const chen = coverage.getByRole('listitem').filter({ hasText: '陈伟' })
    await see(chen.getByText('Cannot be reached'))
    await see(chen.getByText('Feishu: not in this rule'))
    await see(coverage.getByRole('listitem').filter({ hasText: 'Bob Miller' }).getByText('Lark'))
    await stage.shot(page, 'coverage')
    await page.keyboard.press('Escape')
    await seeNoMore(coverage)
    await row.getByRole('button', { name: 'Modify' }).click()
    await dialog.getByRole('button', { name: 'Reset to default' }).click()
    await page.getByRole('tooltip').getByRole('button', { name: 'Reset to default' }).click()
    await seeNoMore(row.getByText('Changed here'))
    const audit = await (await page.request.get(`${stage.world.url}/api/app/console/audit?actor=alice`)).json()
    const actions = audit.items.map(({ action }: { action: string }) => action)
    expect(actions).toEqual(expect.arrayContaining(['notification_rule.set', 'notification_rule.reset']))
  })

  it('is switched off and on by a DBA, and keeps to itself what the provisioning file says', async () => {
    const page = await openConsole(stage, 'chen', 'notification?module=sql_review', { platform: 'Feishu' })
    const row = (event: string) => page.getByRole('row').filter({ hasText: event })
    const pending = row('Decision needed').getByRole('switch')
    await become(() => pending.getAttribute('aria-checked'), 'true')
    expect(await row('Approved').getByRole('switch').isDisabled()).toBe(true)
    expect(await row('Approved').getByRole('button', { name: 'Modify' }).count()).toBe(0)
    await pending.locator('..').click()
    await see(row('Decision needed').getByText('Nobody is told'))
    await stage.shot(page, 'off')
    await chooser(page, 'Rule').click()
    await page.getByRole('option', { name: 'Switched off' }).click()
    await become(() => page.getByRole('row').count(), 2)
    expect(page.url()).toContain('show=off')
    await pending.locator('..').click()
    await become(() => pending.getAttribute('aria-checked'), 'true')
  })

  it('says that a step cannot be passed when nobody of it can be told', async () => {
    const page = await openConsole(stage, 'alice', 'notification?module=database_clone&event=pending')
    await page.getByRole('button', { name: 'A step cannot be passed' }).click()
    const coverage = page.getByRole('dialog')
    await see(coverage.getByText('Too few approvers can be told to pass: Owner'))
    await see(coverage.getByText('No address on any channel'))
    await stage.shot(page, 'stuck')
  })

  it('is no business of anybody else', async () => {
    const page = await openConsole(stage, 'bob', 'notification')
    await see(page.getByText('You may not do this.'))
    expect(await page.getByRole('link', { name: 'Notification', exact: true }).count()).toBe(0)
    const headers = ownHeaders(stage)
    const data = { enabled: false, channels: null, roles: [], additionalUsers: [] }
    expect((await page.request.get(rulesPath())).status()).toBe(403)
    expect((await page.request.put(`${rulesPath()}/data_export/pending`, { headers, data })).status()).toBe(403)
    expect((await page.request.delete(`${rulesPath()}/data_export/pending`, { headers })).status()).toBe(403)
    expect((await page.request.get(`${stage.world.url}/api/app/coverage?module=data_export`)).status()).toBe(403)
  })
})

describe.each([
  { language: 'zh-CN', dark: true, title: '通知管理' },
  { language: 'ar', dark: false, title: 'إدارة الإشعارات' },
] as const)('notice management in $language', ({ language, dark, title }) => {
  it('reads in the direction of the language', async () => {
    const page = await openConsole(stage, 'alice', 'notification', { language, dark })
    await see(page.getByRole('heading', { level: 1, name: title }))
    await become(() => page.getByRole('row').count(), 29)
    expect(await page.locator('html').getAttribute('dir')).toBe(language === 'ar' ? 'rtl' : 'ltr')
    await become(() => page.locator('td [aria-busy="true"]').count(), 0)
    await stage.shot(page, `${language}-rules`)
  })
})
