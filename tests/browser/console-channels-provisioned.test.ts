import type { Locator, Page } from 'playwright-core'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { see, seeNoMore, useStage } from '../_browser.ts'
import { apps, dingtalkApps } from '../_world.ts'

/* Channel Management of a company that is set up by file: who sees it, what can be changed, and what can be mended. */

const stage = useStage({ dingtalk: 'http' })
const { appKey, appSecret } = dingtalkApps.dingtalk
const finding = (page: Page, id: string): Locator => page.locator(`[data-finding="${id}"]`)

async function logIn(person: string, path: string): Promise<Page> {
  const page = await stage.deskBrowser()
  await page.goto(`${stage.world.url}/console/${path}`)
  await page.getByRole('button', { name: 'Continue with Lark', exact: true }).click()
  await page.locator(`a[data-person="${person}"]`).click()
  return page
}

beforeAll(async () => {
  const isRegistered = () => stage.world.sandbox.dingtalk.callbackRoute(appKey, `countersign-${appKey}`) !== undefined
  await vi.waitFor(() => expect(isRegistered()).toBe(true), 10_000)
})

describe('channels of the provisioning file', () => {
  it('are shown with their state and cannot be changed here', async () => {
    const page = await logIn('alice', 'channels')
    const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'DingTalk', exact: true }) })
    await see(row.getByText('Provisioning file'))
    await see(row.getByText('Callback address registered'))
    await see(row.getByText('of 5,000'))
    expect(await row.getByRole('switch').isDisabled()).toBe(true)
    await stage.shot(page, 'list')
    await row.getByRole('link').click()
    await see(page.getByText('This channel stands in the provisioning file of the host.'))
    expect(await page.locator('#setting-appKey').inputValue()).toBe(appKey)
    expect(await page.locator('#setting-appKey').isDisabled()).toBe(true)
    expect(await page.locator('#setting-appSecret').inputValue()).toBe('')
    expect(await page.getByRole('button', { name: 'Save' }).count()).toBe(0)
    expect(await page.content()).not.toContain(appSecret)
    await stage.shot(page, 'read-only')
  })

  it('send a test message to whoever asks, and show what the platform says', async () => {
    const page = await logIn('alice', 'channels/lark')
    const before = stage.world.sandbox.chat('alice').length
    await page.getByRole('button', { name: 'Send me a test message' }).click()
    await see(page.getByText('The platform took the message'))
    expect(stage.world.sandbox.chat('alice').length).toBe(before + 1)
    stage.world.sandbox.configurePerson('alice', { availableTo: false })
    await page.getByRole('button', { name: 'Send me a test message' }).click()
    await see(page.getByText('The message was not sent'))
    await see(page.getByText('230013'))
    stage.world.sandbox.configurePerson('alice', { availableTo: true })
    await stage.shot(page, 'test-message')
  })

  it('are not for everybody', async () => {
    const page = await logIn('bob', 'tickets')
    await see(page.getByRole('link', { name: 'Tickets' }))
    expect(await page.getByRole('link', { name: 'Channels' }).count()).toBe(0)
    await page.goto(`${stage.world.url}/console/channels/lark`)
    await see(page.getByText('You may not do this.'))
    expect(await page.content()).not.toContain(apps.lark.appId)
  })
})

describe('a callback address that another host has taken', () => {
  it('is named by the doctor, and replaced only when somebody says so twice', async () => {
    const other = 'https://other.example/callbacks/card'
    await registerElsewhere(other)
    const route = () => stage.world.sandbox.dingtalk.callbackRoute(appKey, `countersign-${appKey}`)?.callbackUrl
    const page = await logIn('alice', 'channels/dingtalk?tab=doctor')
    await page.getByRole('button', { name: 'Run the doctor' }).click()
    await see(finding(page, 'callback_registration').getByText('Failed', { exact: true }))
    await see(page.getByText(`Taps go to another address: ${other}`))
    expect(route()).toBe(other)
    await page.getByRole('button', { name: 'Replace the callback address' }).click()
    await see(page.getByText(`Taps now go to ${other}.`))
    await stage.shot(page, 'replace')
    await page.getByRole('tooltip').getByRole('button', { name: 'Replace the callback address' }).click()
    await see(finding(page, 'callback_registration').getByText('In order'))
    await seeNoMore(page.getByText('Taps go to another address'))
    expect(route()).toBe(`${stage.world.url}/callbacks/dingtalk/${appKey}/card`)
    const [entry] = await stage.world.server.context.store.stores.audit.entriesAbout('acme', 'channel:dingtalk')
    expect(entry).toMatchObject({ actor: 'alice', action: 'channel.callback_replaced' })
  })
})

/** Another host of the same organisation registers itself. */
async function registerElsewhere(callbackUrl: string): Promise<void> {
  const { apiUrl } = stage.world.sandbox.dingtalk
  const post = async (path: string, body: object, headers = {}): Promise<{ accessToken?: string }> => {
    const options = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } }
    const answer = await fetch(`${apiUrl}${path}`, { ...options, body: JSON.stringify(body) })
    return (await answer.json()) as { accessToken?: string }
  }
  const { accessToken = '' } = await post('/v1.0/oauth2/accessToken', { appKey, appSecret })
  const registration = { callbackRouteKey: `countersign-${appKey}`, callbackUrl, forceUpdate: true }
  await post('/v1.0/card/callbacks/register', registration, { 'x-acs-dingtalk-access-token': accessToken })
}
