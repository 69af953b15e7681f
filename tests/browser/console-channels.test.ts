import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSandbox } from '@countersign/sandbox'
import { startServer } from '@countersign/server'
import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { become, see, seeNoMore, useStage } from '../_browser.ts'
import { apps, connect, createApi, sandboxSeed, type World } from '../_world.ts'

/* From an empty data directory to a channel that works: entered by hand, examined, and never shown again. */

let link = ''

/** A host that nobody has set up, beside platforms on which an administrator has made the app. */
async function startEmpty(): Promise<World> {
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-empty-'))
  const sandbox = await startSandbox({ port: 0, host: 'localhost', seed: sandboxSeed() })
  const variables = { DATA_DIR: dataDir, PORT: '0', LOG_LEVEL: 'error' }
  const greet = (text: string): void => {
    link = /http\S+#link=[\w-]{43}/.exec(text)?.[0] ?? ''
  }
  const server = await startServer({ folder: dataDir, variables }, { greet })
  connect(sandbox, server.url)
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
const field = (page: Page, name: string): Locator => page.locator(`#setting-${name}`)
const finding = (page: Page, id: string): Locator => page.locator(`[data-finding="${id}"]`)

async function speak(page: Page, from: string, to: string): Promise<void> {
  await page.getByRole('button', { name: from, exact: true }).click()
  await page.getByRole('menuitem', { name: to }).click()
}

describe('Lark, from nothing', () => {
  it('is entered, saved, switched on and examined, and its secrets are never seen again', async () => {
    const answers: string[] = []
    const page = await stage.deskBrowser()
    page.on('response', async (response) => {
      if (!response.url().includes('/api/')) return
      answers.push(await response.text().catch(() => ''))
    })
    await page.goto(link)
    // The first-run guide is offered; the list of channels does without it.
    await page.getByRole('link', { name: 'Not now: go to all channels' }).click()
    const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'Lark', exact: true }) })
    await see(row.getByText('Not set up'))
    await stage.shot(page, 'channels-empty')

    // What has nothing to work with is set up first.
    await row.locator('.el-switch').click()
    await see(page.getByRole('heading', { level: 1, name: 'Lark' }))
    await page.getByRole('button', { name: 'Save and enable' }).click()
    await become(() => page.getByText('This is needed.').count(), 2)
    await stage.shot(page, 'required')

    await field(page, 'appId').fill(apps.lark.appId)
    await field(page, 'appSecret').fill(apps.lark.appSecret)
    await field(page, 'encryptKey').fill(apps.lark.encryptKey)
    await field(page, 'verificationToken').fill(apps.lark.verificationToken)
    await page.getByRole('button', { name: 'More settings' }).click()
    await field(page, 'openUrl').fill('open.example')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await see(page.getByText('must be an absolute http or https address'))
    await field(page, 'openUrl').fill(stage.world.sandbox.baseUrl('lark'))
    await field(page, 'accountsUrl').fill(stage.world.sandbox.baseUrl('lark'))
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await see(page.getByText('Saved. The channel is still off.'))
    await see(page.getByText('Stored credentials do nothing until the channel is enabled.'))
    expect(await field(page, 'appSecret').inputValue()).toBe('')
    await stage.shot(page, 'saved-off')
    await page.getByRole('button', { name: 'Save and enable' }).click()
    await see(page.getByText('Ready'))

    await page.getByRole('tab', { name: 'Platform set-up' }).click()
    await see(page.getByText(`${stage.world.url}/callbacks/lark/${apps.lark.appId}`))
    await see(page.getByText('im:message:send_as_bot'))
    await stage.shot(page, 'set-up')

    await page.getByRole('tab', { name: 'Doctor' }).click()
    expect(new URL(page.url()).search).toBe('?tab=doctor')
    await page.getByRole('button', { name: 'Run the doctor' }).click()
    await see(finding(page, 'credentials').getByText('In order'))
    expect(await page.locator('[data-finding]').getByText('Failed', { exact: true }).count()).toBe(0)
    await stage.shot(page, 'doctor')
    // What it said stays while the person looks at something else.
    await page.getByRole('link', { name: 'Audit' }).click()
    await see(page.getByText('channel.change').first())
    await page.goBack()
    await see(finding(page, 'credentials'))

    // Broken on the platform: named, with the way to mend it.
    const { scopes } = stage.world.sandbox.app(apps.lark.appId)
    stage.world.sandbox.configureApp(apps.lark.appId, {
      scopes: scopes.filter((scope) => !['im:message:send_as_bot', 'im:message'].includes(scope)),
    })
    await page.getByRole('button', { name: 'Run again' }).click()
    await see(finding(page, 'permission.im:message:send_as_bot').getByText('Failed', { exact: true }))
    await see(finding(page, 'permission.im:message:send_as_bot').getByText('What to do:'))
    stage.world.sandbox.configureApp(apps.lark.appId, { scopes })
    await stage.shot(page, 'doctor-failed')

    await page.getByRole('button', { name: 'Send me a test message' }).click()
    await see(page.getByText('You have no address on this channel yet.'))

    // An address that changes asks for the secret again.
    await page.getByRole('tab', { name: 'Settings' }).click()
    await page.getByRole('button', { name: 'More settings' }).click()
    await field(page, 'openUrl').fill('https://open.feishu.cn')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await see(page.getByText('Please enter it again: an address has changed.'))
    await stage.shot(page, 'secret-again')

    const told = answers.join('\n')
    expect(told).toContain(apps.lark.appId)
    const { appSecret, encryptKey, verificationToken } = apps.lark
    const known = [appSecret, encryptKey, verificationToken]
    expect(known.filter((secret) => told.includes(secret))).toEqual([])

    // The languages and schemes in which it is looked at.
    await page.getByRole('tab', { name: 'Doctor' }).click()
    await page.getByText('Dark', { exact: true }).click()
    await stage.shot(page, 'doctor-dark')
    await speak(page, 'English', '简体中文')
    await page.getByRole('button', { name: '重新诊断' }).click()
    await see(finding(page, 'credentials').getByText('正常'))
    await stage.shot(page, 'doctor-zh-dark')
    await speak(page, '简体中文', 'العربية')
    await page.getByText('فاتح', { exact: true }).click()
    await become(() => page.locator('html').getAttribute('dir'), 'rtl')
    await page.getByRole('tab', { name: 'الإعدادات' }).click()
    await see(field(page, 'appId'))
    await stage.shot(page, 'settings-ar')
    await page.goto(`${stage.world.url}/console/channels`)
    await see(page.getByRole('heading', { level: 1, name: 'القنوات' }))
    await stage.shot(page, 'channels-ar')
    await speak(page, 'العربية', '简体中文')
    await page.goto(`${stage.world.url}/console/channels/dingtalk?tab=setup`)
    await see(page.getByText('qyapi_robot_sendmsg'))
    await stage.shot(page, 'dingtalk-zh')
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: '下载卡片模板' }).click()
    expect((await download).suggestedFilename()).toBe('countersign-card.json')
  })

  it('is the way in for everybody as soon as it is on, and no more when it is off', async () => {
    const page = await stage.deskBrowser()
    await page.goto(`${stage.world.url}/console/`)
    await see(page.getByRole('button', { name: 'Continue with Lark' }))
    await page.goto(`${stage.world.url}/console/channels`)
    await see(page.getByRole('heading', { name: 'Sign in to Countersign' }))
    await seeNoMore(page.getByRole('heading', { name: 'Channels' }))
  })
})
