import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSandbox } from '@countersign/sandbox'
import { startServer } from '@countersign/server'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { addressOf, become, cardOf, phoneOf, see, seeNoMore, useStage } from '../_browser.ts'
import { apps, createApi, dingtalkApps, sandboxSeed, seedDingtalk, type World } from '../_world.ts'
import { barriers } from './_barriers.ts'
import { ownHeaders } from './_console.ts'
import { chooseConnection, copied, copiedAddress, fillSettings, letCopy, openStep, seeStep } from './_guide.ts'

/*
 * The first-run guide, from an empty data directory to the tapped card. Whatever is set on the platforms was copied from
 * the guide's own pages; nothing is set there beforehand but that the apps exist.
 */

let link = ''

/** A host that nobody has set up, beside platforms on which an app was just made: without permissions, addresses, version. */
async function startEmpty(): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-welcome-'))
  const seed = seedDingtalk(sandboxSeed())
  const bare = { scopes: [], isPublished: false }
  const sandbox = await startSandbox({
    port: 0,
    host: 'localhost',
    seed: {
      ...seed,
      apps: seed.apps.map((app) => ({ ...app, ...bare, encryptKey: undefined, h5TrustedDomains: [], hasBot: false })),
      dingtalkApps: (seed.dingtalkApps ?? []).map((app) => ({ ...app, ...bare })),
    },
  })
  const greet = (text: string): void => {
    link = /http\S+#link=[\w-]{43}/.exec(text)?.[0] ?? ''
  }
  const variables = { DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'error', REGION: 'ap-southeast-1' }
  const server = await startServer({ folder: dataDir, variables }, { greet })
  return {
    ...{ sandbox, server, dataDir, url: server.url, api: createApi(server.url), drain: () => server.drain() },
    card: () => {
      throw new Error('nobody has a card here')
    },
    async [Symbol.asyncDispose]() {
      await server.stop()
      await sandbox.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

const stage = useStage({ start: startEmpty })
const { appId, appSecret, encryptKey, verificationToken } = apps.lark
/** The administrator's own browser, kept between the tests by its cookies. */
let cookies: Awaited<ReturnType<ReturnType<Page['context']>['cookies']>> = []

async function administrator(path: string, looks: Parameters<typeof stage.deskBrowser>[0] = {}): Promise<Page> {
  const page = await stage.deskBrowser(looks)
  await page.context().addCookies(cookies)
  await letCopy(page)
  await page.goto(`${stage.world.url}/console/${path}`)
  await see(page.getByRole('navigation').first())
  return page
}

/** What the bot says to somebody, as they read it on their phone. */
async function codeFor(person: string): Promise<string> {
  const code = /\b\d{6}\b/
  const said = await stage.world.sandbox.waitFor(
    (sandbox) => sandbox.chat(person).findLast(({ from, content }) => from === 'bot' && code.test(content)),
    20_000,
  )
  return code.exec(said?.content ?? '')?.[0] ?? ''
}

describe('Lark, called over HTTP', () => {
  it('is offered after the one-time link, and leads to the tapped card; what is wrong is named where it is mended', async () => {
    const { sandbox, url } = stage.world
    const page = await stage.deskBrowser()
    await letCopy(page)
    await page.goto(link)
    await see(page.getByRole('heading', { level: 1, name: "Welcome. Let's get a card onto your phone." }))
    expect(addressOf(page)).toBe('/console/welcome')
    await see(page.getByText('ap-southeast-1'))
    await stage.shot(page, 'choose')

    // The app, on the platform, from what stands here.
    await page.getByRole('link', { name: 'Lark' }).click()
    await see(page.getByRole('heading', { level: 2, name: 'Make the app' }))
    expect(addressOf(page)).toBe('/console/welcome/lark/app')
    await see(page.getByText('Send messages as an app'))
    await stage.shot(page, 'app')
    const scopes = JSON.parse(await copied(page, 'Copy all for batch import')).scopes.tenant as string[]
    const homeUrl = await copiedAddress(page, 'Home page (desktop and mobile)')
    const redirectUrl = await copiedAddress(page, 'Redirect URL')
    const domain = await copiedAddress(page, 'H5 trusted domain')
    expect([homeUrl, redirectUrl]).toEqual([url, `${url}/console/mobile/index/`])
    const withoutSending = scopes.filter((scope) => !scope.startsWith('im:message:send'))
    expect(withoutSending).toHaveLength(scopes.length - 1)
    sandbox.configureApp(appId, {
      ...{ homeUrl, redirectUrls: [redirectUrl], h5TrustedDomains: [domain], hasBot: true },
      ...{ scopes: withoutSending, encryptKey, verificationToken },
    })

    // A secret that was mistyped.
    await page.getByRole('button', { name: 'Next: Enter the credentials' }).click()
    await see(page.getByText('No platform on the internet can call this host at its address.'))
    await seeStep(page, 'Enter the credentials', 'open')
    await fillSettings(page, { appId, appSecret: 'mistyped', encryptKey, verificationToken })
    await chooseConnection(page, 'It calls this host')
    await page.getByRole('button', { name: 'More settings' }).click()
    await fillSettings(page, { openUrl: sandbox.baseUrl('lark'), accountsUrl: sandbox.baseUrl('lark') })
    await stage.shot(page, 'credentials')
    await page.getByRole('button', { name: 'Save and enable' }).click()
    await see(page.getByText('Saved. It counts from now on.'))

    // Now that the app is known its address is complete; the platform takes it, since the host answers it.
    await openStep(page, 'Callbacks and version')
    await stage.shot(page, 'callbacks')
    const callbackUrl = await copiedAddress(page, 'Callback configuration: card.action.trigger')
    expect(callbackUrl).toBe(`${url}/callbacks/lark/${appId}`)
    sandbox.configureApp(appId, { callbackUrl, isPublished: true })
    expect(await sandbox.verifyUrl(appId)).toMatchObject({ ok: true })

    await openStep(page, 'Ask the doctor')
    await seeStep(page, 'Enter the credentials', 'missing')
    await see(page.getByRole('navigation', { name: 'Steps' }).getByText('The platform does not take these credentials'))
    await stage.shot(page, 'wrong-secret')
    await openStep(page, 'Enter the credentials')
    await see(page.locator('.fact').getByText('The platform does not take these credentials'))
    await fillSettings(page, { appSecret })
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await seeStep(page, 'Enter the credentials', 'open')

    // And a permission that was left out.
    await openStep(page, 'Ask the doctor')
    await seeStep(page, 'Enter the credentials', 'done')
    await seeStep(page, 'Make the app', 'missing')
    await see(page.locator('.fact').getByText('Permission missing: im:message:send_as_bot'))
    await stage.shot(page, 'permission-missing')
    sandbox.configureApp(appId, { scopes })
    await page.getByRole('button', { name: 'Run again' }).click()
    for (const title of ['Make the app', 'Enter the credentials', 'Callbacks and version', 'Ask the doctor'])
      await seeStep(page, title, 'done')
    await stage.shot(page, 'doctor')

    // Left and come back to: everything is as it was.
    await page.reload()
    await see(page.getByRole('heading', { level: 2, name: 'Ask the doctor' }))
    await seeStep(page, 'Make the app', 'done')
    await seeStep(page, 'This is me', 'open')

    await openStep(page, 'This is me')
    await page.getByRole('textbox', { name: 'E-mail' }).fill('alice@acme.test')
    await stage.shot(page, 'me')
    await page.getByRole('button', { name: 'Send code' }).click()
    await page.getByLabel('Code of six digits').fill(await codeFor('alice'))
    await seeStep(page, 'This is me', 'done')
    await stage.shot(page, 'me-done')

    // The platform signs with another key than was entered here: the page says so while it waits.
    await openStep(page, 'Trial card')
    await stage.shot(page, 'trial')
    sandbox.configureApp(appId, { encryptKey: 'another-encrypt-key' })
    await page.getByRole('button', { name: 'Send me a trial card' }).click()
    await see(page.getByText('It is there. Now tap Approve.'))
    await stage.shot(page, 'trial-waiting')
    const phones = await stage.phones('alice')
    const card = cardOf(phoneOf(phones, 'alice'), 'Trial card: tap Approve')
    await card.getByRole('button', { name: 'Approve', exact: true }).click()
    await see(page.locator('[data-help] [data-finding="callback_reached"]').getByText('What to do:'))
    await stage.shot(page, 'trial-refused')

    sandbox.configureApp(appId, { encryptKey })
    await card.getByRole('button', { name: 'Approve', exact: true }).click()
    await see(page.getByText('Your tap came back'))
    await see(page.getByText('from the Lark card'))
    await seeStep(page, 'Trial card', 'done')
    await see(card.getByText('Approved'))
    await stage.shot(page, 'trial-tapped')
    // Also a picture of README.md, made anew with README_IMAGES=1.
    const picture = join(import.meta.dirname, '../../docs/images/console-welcome.png')
    if (process.env.README_IMAGES === '1') await page.screenshot({ path: picture, animations: 'disabled' })
    await stage.shot(phones, 'trial-phone')

    await openStep(page, 'What comes next')
    await see(page.getByText('Lark works: a card reached you, and your tap came back.'))
    await see(page.getByText(`curl -X POST ${url}/api/v1/tickets`))
    await stage.shot(page, 'done')

    await page.getByRole('link', { name: 'Tickets', exact: true }).click()
    await see(page.getByRole('row').filter({ hasText: 'Trial card: tap Approve' }).getByText('Trial', { exact: true }))
    await stage.shot(page, 'tickets')
    cookies = await page.context().cookies()
  })
})

describe('DingTalk, over a Stream connection', () => {
  it('is reached from the list of channels, and leads to the tapped card as well', async () => {
    const { sandbox } = stage.world
    const { appKey, appSecret, corpId, robotCode } = dingtalkApps.dingtalk
    const page = await administrator('channels')
    await page.getByRole('link', { name: 'Set-up guide, step by step' }).click()
    await see(page.getByRole('link', { name: 'Lark' }).getByText('Everything works'))
    await stage.shot(page, 'choose-again')
    await page.getByRole('link', { name: /Standard Edition/ }).click()
    await see(page.getByText('互动卡片实例写权限'))
    await stage.shot(page, 'dingtalk-app')
    const scopes = (await copied(page, 'Copy all keys')).split('\n')
    const homeUrl = await copiedAddress(page, 'Home page (desktop and mobile)')
    const redirectUrls = [await copiedAddress(page, 'Redirect URL')]
    sandbox.dingtalk.configureApp(appKey, { scopes, homeUrl, redirectUrls, robotMode: 'stream' })
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download the card template' }).click()
    const template = readFileSync(await (await download).path(), 'utf8')
    const cardTemplateId = sandbox.dingtalk.importTemplate(appKey, template)

    await openStep(page, 'Enter the credentials')
    await fillSettings(page, {
      corpId,
      appId: 'app-1',
      agentId: '3300001',
      appKey,
      appSecret,
      robotCode,
      cardTemplateId,
    })
    await page.getByRole('button', { name: 'More settings' }).click()
    const { apiUrl, oapiUrl, loginUrl } = sandbox.dingtalk
    await fillSettings(page, { apiUrl, oapiUrl, loginUrl })
    await stage.shot(page, 'dingtalk-credentials')
    await page.getByRole('button', { name: 'Save and enable' }).click()
    await see(page.getByText('Saved. It counts from now on.'))

    await openStep(page, 'Callbacks and version')
    await see(page.getByText('Let the robot receive messages over the connection that this host opens.'))
    sandbox.dingtalk.configureApp(appKey, { isPublished: true })
    await see(page.getByText('Connected since'))
    await stage.shot(page, 'dingtalk-callbacks')
    await openStep(page, 'Ask the doctor')
    for (const title of ['Make the app', 'Enter the credentials', 'Callbacks and version', 'Ask the doctor'])
      await seeStep(page, title, 'done')
    await stage.shot(page, 'dingtalk-doctor')

    await openStep(page, 'This is me')
    await page.locator('#address-mobile').fill('+86 137 0013 7000')
    await page.getByRole('button', { name: 'Send code' }).click()
    await page.getByLabel('Code of six digits').fill(await codeFor('wang'))
    await seeStep(page, 'This is me', 'done')

    await openStep(page, 'Trial card')
    await page.getByRole('button', { name: 'Send me a trial card' }).click()
    await see(page.getByText('It is there. Now tap Approve.'))
    const phones = await stage.phones('wang')
    const card = phoneOf(phones, 'wang').locator('.dingtalk-card').filter({ hasText: 'Trial card' })
    await card.getByRole('button', { name: 'Approve', exact: true }).click()
    await see(page.getByText('from the DingTalk card'))
    await seeStep(page, 'Trial card', 'done')
    await stage.shot(page, 'dingtalk-tapped')
  })
})

describe('the guide', () => {
  it('is nothing for whoever may not set channels up', async () => {
    const admin = await administrator('channels')
    const made = await admin.request.post(`${stage.world.url}/api/app/console/people`, {
      headers: ownHeaders(stage),
      data: { uid: 'bob', name: 'Bob Miller' },
    })
    expect(made.status()).toBe(201)
    const given = await admin.request.post(`${stage.world.url}/api/app/console/people/bob/login-link`, {
      headers: ownHeaders(stage),
      data: {},
    })
    const { link: bobs } = await given.json()
    const page = await stage.deskBrowser()
    await page.goto(bobs)
    await see(page.getByRole('heading', { level: 1, name: 'Tickets' }))
    await page.goto(`${stage.world.url}/console/welcome/lark/trial`)
    await see(page.getByText('You may not do this.'))
    await seeNoMore(page.getByRole('button', { name: 'Send me a trial card' }))
    await page.goto(`${stage.world.url}/console/channels`)
    await seeNoMore(page.getByRole('link', { name: 'Set-up guide, step by step' }))
  })

  it('has an address for each step, and none for what is no step', async () => {
    const page = await administrator('welcome/feishu/trial')
    await see(page.getByRole('heading', { level: 2, name: 'Trial card' }))
    await page.getByRole('button', { name: 'Send me a trial card' }).click()
    await see(page.getByText('This channel is switched off, or cannot be used.'))
    await page.goto(`${stage.world.url}/console/welcome/lark/nothing`)
    await see(page.getByText('Page not found'))
  })

  it.each([
    { language: 'zh-CN', scheme: 'dark', locale: '简体中文' },
    { language: 'ar', scheme: 'light', locale: 'العربية' },
  ] as const)('is looked at in $language, $scheme', async ({ language, scheme }) => {
    const page = await administrator('welcome', { language, dark: scheme === 'dark' })
    await page.evaluate((chosen) => localStorage.setItem('countersign.console.locale', chosen), language)
    for (const step of [
      '',
      '/lark/app',
      '/lark/credentials',
      '/lark/callbacks',
      '/lark/doctor',
      '/lark/me',
      '/lark/trial',
    ]) {
      await page.goto(`${stage.world.url}/console/welcome${step}`)
      await see(page.getByRole('heading', { level: step === '' ? 1 : 2 }))
      await become(() => page.locator('.el-skeleton').count(), 0)
      await stage.shot(page, `${language}${step.replaceAll('/', '-')}`)
      expect(await barriers(page)).toEqual([])
    }
    await page.goto(`${stage.world.url}/console/welcome/lark/done`)
    await see(page.locator('.works'))
    await stage.shot(page, `${language}-done`)
    expect(await barriers(page)).toEqual([])
    await become(() => page.locator('html').getAttribute('dir'), language === 'ar' ? 'rtl' : 'ltr')
  })
})
