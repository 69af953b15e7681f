import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { become, see, seeNoMore, useStage } from '../_browser.ts'

/* API keys and sessions, as administrators and people see and end them in the console. */

const stage = useStage()

async function logIn(person: string, path = ''): Promise<Page> {
  const page = await stage.deskBrowser()
  await page.goto(`${stage.world.url}/console/${path}`)
  await page.getByRole('button', { name: 'Continue with Lark' }).click()
  await page.locator(`a[data-person="${person}"]`).click()
  return page
}

const list = (key: string) =>
  fetch(`${stage.world.url}/api/v1/tickets`, { headers: { authorization: `Bearer ${key}` } })

describe('API keys', () => {
  it('are made, shown once, work at once with their rights only, and end at once', async () => {
    const page = await logIn('alice', 'api-keys')
    await see(page.getByRole('heading', { level: 1, name: 'API keys' }))
    // Of the provisioning file: shown, and not to be ended here.
    const tests = page.getByRole('row').filter({ hasText: 'tests' })
    await see(tests.getByText('Provisioning file'))
    expect(await tests.getByRole('button').count()).toBe(0)

    await page.getByRole('button', { name: 'Create an API key' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Create an API key' }).click()
    await see(dialog.getByText('Please give a name.'))
    await dialog.getByPlaceholder('For example').fill('nightly export')
    await dialog.getByText('tickets:write').click()
    await stage.shot(page, 'create')
    await dialog.getByRole('button', { name: 'Create an API key' }).click()
    await see(page.getByText('This is shown once.'))
    await stage.shot(page, 'created')
    const codes = await page.getByRole('dialog').locator('code').allInnerTexts()
    const [key = '', secret = ''] = codes
    expect(key).toMatch(/^csk_[\w-]{43}$/)
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/=]{44}$/)
    expect((await list(key)).status).toBe(200)
    const submit = await fetch(`${stage.world.url}/api/v1/tickets`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: '{}',
    })
    expect(submit.status).toBe(403)

    await page.getByRole('button', { name: 'I have kept it' }).click()
    await seeNoMore(page.getByText(key))
    await page.reload()
    const row = page.getByRole('row').filter({ hasText: 'nightly export' })
    await see(row)
    expect(await page.content()).not.toContain(key)
    expect(await row.getByText('Never').count()).toBe(0)
    await stage.shot(page, 'list')
    await row.getByRole('button', { name: 'Revoke' }).click()
    await page.getByRole('tooltip').getByRole('button', { name: 'Revoke' }).click()
    await seeNoMore(row)
    expect((await list(key)).status).toBe(401)
  })

  it('are no business of anybody without the role', async () => {
    const page = await logIn('bob', 'tickets')
    await see(page.getByRole('heading', { level: 1, name: 'Tickets' }))
    const own = { 'x-requested-with': 'countersign', origin: stage.world.url }
    const api = `${stage.world.url}/api/app/console/api-keys`
    expect((await page.request.get(api)).status()).toBe(403)
    expect(
      (await page.request.post(api, { headers: own, data: { name: 'x', scopes: ['tickets:read'] } })).status(),
    ).toBe(403)
    expect((await page.request.delete(`${api}/tests`, { headers: own })).status()).toBe(403)
  })
})

describe('sessions', () => {
  it('a person sees where they are logged in, and ends another browser’s from here', async () => {
    const other = await logIn('carol', 'tickets')
    await see(other.getByRole('heading', { level: 1, name: 'Tickets' }))
    const page = await logIn('carol', 'sessions')
    await see(page.getByRole('heading', { level: 1, name: 'My sessions' }))
    await see(page.getByText('This one'))
    await stage.shot(page, 'sessions')
    const rows = page.getByRole('row').filter({ hasText: 'Chrome' })
    await become(() => rows.count(), 2)
    await page.getByRole('button', { name: 'End', exact: true }).click()
    await become(() => rows.count(), 1)
    await other.reload()
    await see(other.getByRole('heading', { name: 'Sign in to Countersign' }))
    await page.reload()
    await see(page.getByText('This one'))
  })

  it('nobody ends a session of somebody else', async () => {
    const alice = await logIn('alice', 'tickets')
    await see(alice.getByRole('heading', { level: 1, name: 'Tickets' }))
    const mine = await (await alice.request.get(`${stage.world.url}/api/app/sessions`)).json()
    const bob = await logIn('bob', 'tickets')
    await see(bob.getByRole('heading', { level: 1, name: 'Tickets' }))
    const own = { 'x-requested-with': 'countersign', origin: stage.world.url }
    const answer = await bob.request.delete(`${stage.world.url}/api/app/sessions/${mine.items[0].id}`, { headers: own })
    expect(answer.status()).toBe(404)
    expect((await alice.request.get(`${stage.world.url}/api/app/session`)).status()).toBe(200)
  })
})
