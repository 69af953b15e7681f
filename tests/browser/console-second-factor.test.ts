import { Secret, TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { addressOf, become, see, seeNoMore, useStage } from '../_browser.ts'
import { barriers } from './_barriers.ts'

/*
 * The second factor in the console: set up, asked for on the way to a page, and reset by an administrator. Passkeys are
 * those of Chromium's own virtual authenticator, codes those that an app would show.
 */

let ahead = 0
/** Of Alice's app, once it is set up. */
let alicesKey = ''
const stage = useStage({ now: () => Date.now() + ahead })
const at = (path: string): string => `${stage.world.url}/console/${path}`

/** A browser in front of the platform's log-in, on the way to a page. */
async function logIn(page: Page, person: string, path: string): Promise<void> {
  await page.goto(at(path))
  const platform = person === 'chen' ? 'Feishu' : 'Lark'
  await page.getByRole('button', { name: `Continue with ${platform}` }).click()
  await page.locator(`a[data-person="${person}"]`).click()
}

async function logOut(page: Page): Promise<void> {
  await page.goto(at('tickets'))
  await page.getByRole('button', { name: 'Alice Tan' }).click()
  await page.getByRole('menuitem', { name: 'Log out' }).click()
  await see(page.getByRole('button', { name: 'Continue with Lark' }))
}

/** A laptop with a fingerprint reader. */
async function plugInAuthenticator(page: Page) {
  const session = await page.context().newCDPSession(page)
  await session.send('WebAuthn.enable')
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  return {
    /** Whether the finger is the right one from now on. */
    knows: (isUserVerified: boolean) => session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  }
}

const codeOf = (key: string): string =>
  TOTP.generate({ secret: Secret.fromBase32(key.replaceAll(' ', '')), timestamp: Date.now() + ahead })

const language = async (page: Page, from: string, to: string): Promise<void> => {
  await page.getByRole('button', { name: from }).click()
  await page.getByRole('menuitem', { name: to }).click()
}

describe('the second factor', () => {
  it('is set up with passkey and app, asked for on the way to a page, and given by either', {
    timeout: 180_000,
  }, async () => {
    const page = await stage.deskBrowser()
    const finger = await plugInAuthenticator(page)
    await logIn(page, 'alice', 'security')
    await see(page.getByRole('heading', { level: 1, name: 'Sign-in and security' }))
    await see(page.getByText('Whoever gets into your chat account can act as you here.'))
    const rule = page.getByRole('switch', { name: 'Administrators need a second factor' })
    expect(await rule.isDisabled()).toBe(true)
    await stage.shot(page, 'nothing-yet')

    // A passkey, by the keyboard alone. The wrong finger adds nothing.
    await page.getByRole('button', { name: 'Add a passkey' }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('Work laptop')
    await finger.knows(false)
    await page.keyboard.press('Enter')
    await see(dialog.getByText('The passkey was not used.'))
    await finger.knows(true)
    await dialog.getByRole('button', { name: 'Continue' }).click()
    await see(page.getByText('These codes are shown once.'))
    const recovery = await page.getByRole('dialog').getByRole('listitem').allInnerTexts()
    expect(recovery).toHaveLength(10)
    await stage.shot(page, 'recovery-codes')
    await page.getByRole('button', { name: 'I have kept them' }).click()
    const passkey = page.getByRole('row').filter({ hasText: 'Work laptop' })
    await see(passkey)
    await see(page.getByText('10 of 10 left'))

    // An authenticator app, beside it.
    await page.getByRole('button', { name: 'Set up', exact: true }).click()
    await see(page.getByRole('img', { name: 'QR code' }))
    await stage.shot(page, 'app')
    alicesKey = (await page.getByRole('dialog').locator('code').textContent()) ?? ''
    await page.getByLabel('Enter the code that the app shows now').fill('12345')
    expect(await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).isDisabled()).toBe(true)
    await page.getByLabel('Enter the code that the app shows now').fill(codeOf(alicesKey))
    await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click()
    await see(page.getByRole('button', { name: 'Set up anew' }))
    ahead += 30_000

    // Whoever has one may ask it of others, and sees who has none.
    await become(() => rule.isDisabled(), false)
    await page.locator('.el-switch').click()
    await see(page.getByText('Saved'))
    await see(page.getByRole('link', { name: '陈伟' }))
    expect(await barriers(page)).toEqual([])
    await stage.shot(page, 'all-set')

    // Logged in anew: asked on the way, passkey first.
    await logOut(page)
    await logIn(page, 'alice', 'audit?action=user')
    await see(page.getByRole('heading', { name: 'Confirm that it is you' }))
    expect(addressOf(page)).toContain('/console/second-factor?to=')
    expect(await barriers(page)).toEqual([])
    await stage.shot(page, 'asked')
    await finger.knows(false)
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await see(page.getByText('The passkey was not used.'))
    await finger.knows(true)
    await page.getByRole('button', { name: 'Use a passkey' }).click()
    await see(page.getByRole('heading', { level: 1, name: 'Audit' }))
    expect(addressOf(page)).toBe('/console/audit?action=user')

    // With a member's rights first, then with a code, from the page that was open.
    await logOut(page)
    await logIn(page, 'alice', 'people')
    await page.getByRole('button', { name: 'Continue with a member' }).click()
    await see(page.getByText("You have a member's rights: the second factor was not given."))
    expect(await page.getByRole('link', { name: 'People' }).count()).toBe(0)
    await stage.shot(page, 'as-a-member')
    await page.getByRole('link', { name: 'Give it now' }).click()
    await page.getByLabel('Code of the authenticator app').fill('000000')
    await see(page.getByText('This code is wrong, or was used already.'))
    await page.getByLabel('Code of the authenticator app').fill(codeOf(alicesKey))
    await see(page.getByRole('heading', { level: 1, name: 'People' }))
    await seeNoMore(page.getByText('the second factor was not given'))
    await see(page.getByRole('row').filter({ hasText: 'Alice Tan' }).getByText('Set up', { exact: true }))
    ahead += 30_000

    // Later, a change asks once more; a recovery code will do, once.
    ahead += 10 * 60_000
    await page.goto(at('security'))
    await passkey.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('tooltip').getByRole('button', { name: 'Remove' }).click()
    await see(page.getByText('This change needs your second factor once more.'))
    await stage.shot(page, 'asked-again')
    await page.getByRole('button', { name: 'Use a recovery code' }).click()
    await page.getByRole('textbox', { name: 'Recovery code' }).fill(recovery[0] ?? '')
    await page.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click()
    await seeNoMore(passkey)
    await see(page.getByText('9 of 10 left'))

    await language(page, 'English', 'العربية')
    await see(page.getByRole('heading', { level: 1, name: 'الدخول والأمان' }))
    await stage.shot(page, 'arabic')
  })

  it('is set up first by a DBA of whom one is needed, and taken away by an administrator', {
    timeout: 120_000,
  }, async () => {
    const chen = await stage.deskBrowser({ dark: true })
    await logIn(chen, 'chen', 'channels')
    // The log-in is through; Chen reads Chinese until English is chosen here.
    await see(chen.getByRole('heading', { name: '添加第二验证因素' }))
    await chen.evaluate(() => localStorage.setItem('countersign.console.locale', 'en'))
    await chen.goto(at('channels'))
    await see(chen.getByRole('heading', { name: 'Add a second factor' }))
    await stage.shot(chen, 'missing-dark')
    await chen.getByRole('button', { name: 'Add one now' }).click()
    await see(chen.getByRole('heading', { level: 1, name: 'Sign-in and security' }))
    // The rule is no business of a DBA's.
    expect(await chen.getByRole('switch').count()).toBe(0)
    await chen.getByRole('button', { name: 'Set up', exact: true }).click()
    await see(chen.getByRole('img', { name: 'QR code' }))
    expect(await barriers(chen)).toEqual([])
    await stage.shot(chen, 'app-dark')
    const key = (await chen.getByRole('dialog').locator('code').textContent()) ?? ''
    await chen.getByLabel('Enter the code that the app shows now').fill(codeOf(key))
    await chen.getByRole('dialog').getByRole('button', { name: 'Confirm' }).click()
    await chen.getByRole('button', { name: 'I have kept them' }).click()
    await see(chen.getByRole('link', { name: 'Channels' }))
    await stage.shot(chen, 'set-up-dark')
    await chen.getByRole('link', { name: 'Continue' }).click()
    await see(chen.getByRole('heading', { level: 1, name: 'Channels' }))
    expect(addressOf(chen)).toBe('/console/channels')

    const alice = await stage.deskBrowser()
    await logIn(alice, 'alice', 'people/chen')
    await see(alice.getByRole('heading', { name: 'Confirm that it is you' }))
    ahead += 30_000
    await alice.getByLabel('Code of the authenticator app').fill(codeOf(alicesKey))
    await see(alice.getByRole('heading', { level: 1, name: '陈伟' }))
    await stage.shot(alice, 'person')
    await alice.getByRole('button', { name: 'Reset', exact: true }).click()
    await see(alice.getByText('First make sure that it is really them who asks.'))
    await alice.getByRole('tooltip').getByRole('button', { name: 'Reset' }).click()
    await see(alice.getByText('The second factor was reset'))
    expect(await alice.getByRole('button', { name: 'Reset', exact: true }).count()).toBe(0)
    await chen.reload()
    await see(chen.getByRole('heading', { name: 'Sign in to Countersign' }))
  })
})
