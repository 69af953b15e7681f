import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { become, see, seeNoMore, useStage } from '../_browser.ts'

/* The desktop console: getting in by the chat platform's own log-in page, and the pages behind it. */

const stage = useStage()
const titles = {
  en: {
    logIn: 'Continue with Lark',
    tickets: 'Tickets',
    approve: 'Approve',
    done: 'Your decision is recorded.',
    searchPeople: 'Name or uid',
  },
  'zh-CN': {
    logIn: '使用飞书登录',
    tickets: '工单',
    approve: '通过',
    done: '您的决定已记录。',
    searchPeople: '姓名或 uid',
  },
  ar: {
    logIn: 'المتابعة عبر Lark',
    tickets: 'التذاكر',
    approve: 'موافقة',
    done: 'تم تسجيل قرارك.',
    searchPeople: 'الاسم أو uid',
  },
} as const
type Language = keyof typeof titles

async function logIn(
  person: string,
  looks: { language?: Language; dark?: boolean; path?: string } = {},
): Promise<Page> {
  const page = await stage.deskBrowser(looks)
  await page.goto(`${stage.world.url}/console/${looks.path ?? ''}`)
  await page.getByRole('button', { name: titles[looks.language ?? 'en'].logIn }).click()
  await page.locator(`a[data-person="${person}"]`).click()
  return page
}

describe('getting in', () => {
  it('asks the platform, and leads to the page that was wanted, with no code in the address', async () => {
    const page = await stage.deskBrowser()
    await page.goto(`${stage.world.url}/console/audit`)
    await see(page.getByRole('heading', { name: 'Sign in to Countersign' }))
    await stage.shot(page, 'log-in')
    await page.getByRole('button', { name: titles.en.logIn }).click()
    await page.locator('a[data-person="alice"]').click()
    await see(page.getByRole('heading', { level: 1, name: 'Audit' }))
    expect(page.url()).toBe(`${stage.world.url}/console/audit`)
    await page.getByRole('button', { name: 'Verify the chain' }).click()
    await see(page.getByText('as they were written'))
    await stage.shot(page, 'audit')
  })

  it('shows somebody without a role what concerns them, and the server refuses them the rest', async () => {
    const ticket = await stage.world.api.submit({
      title: 'Bob asks for a report',
      submitter: 'bob',
      nodes: [{ name: 'Owner', approvers: ['alice'] }],
    })
    const page = await logIn('bob')
    await see(page.getByRole('link', { name: 'Tickets' }))
    expect(await page.getByRole('link', { name: 'Audit' }).count()).toBe(0)
    for (const path of ['tickets', 'deliveries', 'audit', 'people', `tickets/${ticket.id}/deliveries`]) {
      const answer = await page.request.get(`${stage.world.url}/api/app/console/${path}`)
      expect([path, answer.status()]).toEqual([path, 403])
    }
    const verify = await page.request.post(`${stage.world.url}/api/app/console/audit/verification`, {
      headers: { 'x-requested-with': 'countersign', origin: stage.world.url },
    })
    expect(verify.status()).toBe(403)
  })

  it('leaves nothing behind after logging out', async () => {
    const page = await logIn('alice')
    await page.getByRole('button', { name: 'Alice' }).click()
    await page.getByRole('menuitem', { name: 'Log out' }).click()
    await see(page.getByRole('heading', { name: 'Sign in to Countersign' }))
    expect((await page.request.get(`${stage.world.url}/api/app/session`)).status()).toBe(401)
  })
})

describe.each([
  { language: 'en', dark: false },
  { language: 'zh-CN', dark: true },
  { language: 'ar', dark: false },
] as const)('a ticket at the desktop, in $language', ({ language, dark }) => {
  const say = titles[language]

  it('is found, read, decided and seen in deliveries', async () => {
    const ticket = await stage.world.api.submit({
      title: `Export orders ${language}`,
      risk: 'high',
      description: 'For the quarterly report.',
      fields: [{ label: 'Database', value: 'orders@prod' }],
      code: [{ language: 'sql', title: 'Statement', text: 'select id, total\nfrom orders\nwhere quarter = 3' }],
      nodes: [{ name: 'Owner', approvers: ['alice'] }],
    })
    const page = await stage.deskBrowser({ language, dark })
    await page.goto(`${stage.world.url}/console/`)
    await page.getByRole('button', { name: /Lark/ }).click()
    await page.locator('a[data-person="alice"]').click()
    // A person's own language wins over the browser's after log-in; here it is chosen anew.
    await see(page.getByRole('navigation'))
    if (language !== 'en') {
      await page.getByRole('button', { name: 'English' }).click()
      await page.getByRole('menuitem', { name: language === 'ar' ? 'العربية' : '简体中文' }).click()
    }
    await see(page.getByRole('heading', { level: 1, name: say.tickets }))
    await become(() => page.locator('html').getAttribute('dir'), language === 'ar' ? 'rtl' : 'ltr')
    await see(page.getByRole('link', { name: `Export orders ${language}` }))
    await stage.shot(page, `${language}-tickets`)
    await page.getByRole('link', { name: `Export orders ${language}` }).click()
    await see(page.getByRole('heading', { level: 1, name: `Export orders ${language}` }))
    await see(page.getByText('orders@prod'))
    await stage.shot(page, `${language}-ticket`)
    await page.getByRole('button', { name: say.approve, exact: true }).click()
    await stage.shot(page, `${language}-question`)
    await page.getByRole('dialog').getByRole('button', { name: say.approve, exact: true }).click()
    await see(page.getByText(say.done))
    await seeNoMore(page.getByRole('button', { name: say.approve, exact: true }))
    expect((await stage.world.api.get(ticket.id)).history.at(-1)).toMatchObject({ actor: 'alice', via: 'console' })
    await page.goto(`${stage.world.url}/console/deliveries`)
    await see(page.getByText(`Export orders ${language}`))
    await stage.shot(page, `${language}-deliveries`)
    await page.goto(`${stage.world.url}/console/people`)
    await see(page.getByText('bob', { exact: true }))
    await page.getByPlaceholder(say.searchPeople).fill('MILLER')
    await seeNoMore(page.getByText('carol', { exact: true }))
    expect(page.url()).toContain('q=MILLER')
    await stage.shot(page, `${language}-people`)
  })
})
