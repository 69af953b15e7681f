import type { ProvisionedUser } from '@countersign/contracts'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { become, h5Path, see, useStage } from '../_browser.ts'
import { byMail, bySms, mobiles, onlyTenant } from '../_post.ts'
import type { WorldOptions } from '../_world.ts'
import { settingsWords } from './_settings-words.ts'

/*
 * The notification settings of the H5 app against the server itself: the code comes as a real text message or mail, what is
 * set is what the next ticket goes by. The pages' own behaviour is in notification-settings.test.ts.
 */

const stage = useStage(withPost())
const ways = [
  { language: 'en', uid: 'alice', platform: 'lark' },
  { language: 'zh-CN', uid: 'chen', platform: 'feishu' },
  { language: 'ar', uid: 'carol', platform: 'lark' },
] as const
type Way = (typeof ways)[number]

/** Text messages and mail are there, and everybody still has nothing but their chat. */
function withPost(): WorldOptions {
  const [mail, sms] = [byMail(), bySms()]
  return {
    seed: (seed) => sms.seed?.(mail.seed?.(seed) ?? seed) ?? seed,
    change: (file, sandbox) => {
      const chats = new Map<string, ProvisionedUser['channels']>()
      for (const { uid, channels } of onlyTenant(file).users) chats.set(uid, channels)
      mail.change?.(file, sandbox)
      sms.change?.(file, sandbox)
      for (const user of onlyTenant(file).users) {
        user.channels = chats.get(user.uid) ?? {}
        delete user.mobile
        if (user.uid === 'carol') user.locale = 'ar'
      }
    },
  }
}

async function openChannel(way: Way, channel: string): Promise<Page> {
  const page = await stage.webView(way.uid, `?t=acme&c=${way.platform}`, { language: way.language })
  await see(page.getByRole('tabpanel'))
  await page.evaluate(`location.hash = '#/settings/${channel}'`)
  return page
}

const codeIn = (text: string | undefined): string => /\b\d{6}\b/.exec(text ?? '')?.[0] ?? ''

/** Sending begins once the answer is out: the message is awaited. */
async function codeSentTo(mobile: string, earlier: number): Promise<string> {
  const inbox = () => stage.world.sandbox.sms.inbox(mobile)
  await become(() => inbox().length > earlier, true)
  return codeIn(inbox().at(-1)?.text)
}

describe.each(ways)('a mobile number, in $language', (way) => {
  const say = settingsWords[way.language]
  const mobile = mobiles[way.uid]

  it('is taken once the code of a real text message was typed, and the next ticket comes there too', async () => {
    const { sandbox, api } = stage.world
    const page = await openChannel(way, 'sms')
    await page.getByLabel(say.mobile).fill(mobile)
    const earlier = sandbox.sms.inbox(mobile).length
    await page.getByRole('button', { name: say.sendCode }).click()
    await see(page.getByRole('heading', { name: say.enterCode }))
    const code = await codeSentTo(mobile, earlier)
    expect(code).toMatch(/^\d{6}$/)
    const field = page.getByLabel(say.code)
    await field.pressSequentially(code === '000000' ? '000001' : '000000')
    await see(page.getByRole('alert').getByText(say.wrongCode))
    await field.pressSequentially(code)
    await see(page.getByText(say.saved))
    await see(page.getByText(mobile.slice(-4)))
    await stage.shot(page, `${way.language}-stored`)

    const ticket = await api.submit({ title: `Ask ${way.uid}`, nodes: [{ name: 'Owner', approvers: [way.uid] }] })
    await stage.world.drain()
    await become(() => sandbox.sms.inbox(mobile).at(-1)?.text.includes(String(ticket.number)), true)
  })

  it('can be switched off again, and the next ticket does not come there', async () => {
    const { sandbox, api } = stage.world
    const page = await openChannel(way, 'sms')
    const toggle = page.getByRole('switch', { name: say.receive })
    await become(() => toggle.getAttribute('aria-checked'), 'true')
    await toggle.click()
    await become(() => toggle.getAttribute('aria-checked'), 'false')
    await page.reload()
    await become(() => page.getByRole('switch', { name: say.receive }).getAttribute('aria-checked'), 'false')
    const before = sandbox.sms.inbox(mobile).length
    await api.submit({ title: `Ask ${way.uid} again`, nodes: [{ name: 'Owner', approvers: [way.uid] }] })
    await stage.world.drain()
    expect(sandbox.sms.inbox(mobile)).toHaveLength(before)
  })

  it('of the chat is the organization’s, and cannot be changed here', async () => {
    const page = await openChannel(way, way.platform)
    await see(page.getByText(say.locked))
    expect(await page.getByRole('button', { name: say.remove }).count()).toBe(0)
  })
})

describe('an e-mail address', () => {
  it('is proved by a real mail, and a test message comes there with the server’s answer shown', async () => {
    const { sandbox } = stage.world
    const page = await openChannel(ways[0], 'email')
    const before = sandbox.mail.inbox('alice@acme.test').length
    await page.getByLabel('E-mail address').fill('alice@acme.test')
    await page.getByRole('button', { name: 'Send code' }).click()
    await see(page.getByRole('heading', { name: 'Enter the code' }))
    await become(() => sandbox.mail.inbox('alice@acme.test').length > before, true)
    const code = codeIn(sandbox.mail.inbox('alice@acme.test').at(-1)?.text)
    await page.getByLabel('Code of six digits').pressSequentially(code)
    await see(page.getByText('Saved'))
    await page.getByRole('button', { name: 'Send a test message' }).click()
    await see(page.getByText('250').first())
    await become(() => sandbox.mail.inbox('alice@acme.test').length, before + 2)
    await stage.shot(page, 'mail-tested')
    expect(new URL(page.url()).pathname).toBe(h5Path)
  })
})

describe('quiet hours', () => {
  it('are kept by the server, which says so when the page is opened again', async () => {
    const say = settingsWords.en
    const page = await stage.webView('alice', '?t=acme&c=lark', { language: 'en' })
    await see(page.getByRole('tabpanel'))
    await page.evaluate(`location.hash = '#/settings'`)
    await page.getByRole('button', { name: say.quietHours }).click()
    const sheet = page.getByRole('dialog', { name: say.quietHours })
    await sheet.getByRole('switch', { name: 'Use quiet hours' }).click()
    await sheet.getByLabel(say.from, { exact: true }).fill('21:30')
    await sheet.getByRole('button', { name: say.save }).click()
    const place = `${stage.world.url}/api/app/people/alice/notification-settings`
    await become(async () => (await (await page.request.get(place)).json()).quietHours, { from: '21:30', to: '07:00' })
    await page.reload()
    await see(page.getByText('9:30 PM to 7:00 AM'))
  })
})
