import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { become, see, seeNoMore, useStage } from '../_browser.ts'
import { openConsole, ownHeaders } from './_console.ts'

/* What waits for somebody who is disabled: who takes over, where that is seen, and what is left to be mended. */

const stage = useStage()
const api = async (page: Page, method: string, path: string, data?: object) => {
  const url = `${stage.world.url}/api/app/${path}`
  return page.request.fetch(url, { method, headers: ownHeaders(stage), ...(data === undefined ? {} : { data }) })
}
const ask = (title: string, approvers: string[], rule: 'any' | 'all' = 'any', submitter = 'bob') =>
  stage.world.api.submit({ title, submitter, nodes: [{ name: 'Owner', approvers, rule }] })

async function choose(page: Page, within: Locator, person: string): Promise<void> {
  const input = within.getByRole('combobox', { name: 'Who takes over' })
  await input.fill(person)
  await page.getByRole('option', { name: person }).click()
  await input.press('Escape')
}

describe('disabling somebody for whom tickets wait', () => {
  it('shows what waits, asks who takes over, and shows it gone there, with who did it in the history', async () => {
    const page = await openConsole(stage, 'alice', 'people')
    for (const [uid, name] of [
      ['erin', 'Erin Wong'],
      ['fay', 'Fay Ong'],
    ]) {
      expect((await api(page, 'POST', 'console/people', { uid, name })).status()).toBe(201)
    }
    const nodes = [{ name: 'Owner', approvers: ['erin', 'dan'], rule: 'all' }]
    const template = { id: 'erins-exports', module: 'data_export', nodes }
    expect((await api(page, 'POST', 'console/approval-templates', { template })).status()).toBe(201)
    const both = await ask('Erin and Dan', ['erin', 'dan'], 'all')
    await ask('Only Erin', ['erin'])
    await ask('Erin or Carol', ['erin', 'carol'])

    await page.goto(`${stage.world.url}/console/people/erin`)
    await see(page.getByText('Pending tickets that nobody else can complete: 2'))
    await page.getByRole('button', { name: 'Disable' }).click()
    const dialog = page.getByRole('dialog')
    await see(dialog.getByText('Tickets that wait for them now: 3.'))
    await see(dialog.getByRole('link', { name: /Only Erin/ }))
    await see(dialog.getByRole('link', { name: 'erins-exports' }))
    await dialog.getByRole('button', { name: 'Disable' }).click()
    await see(dialog.getByText('Choose who takes over, or say that somebody is named later.'))
    await stage.shot(page, 'disable-nobody')
    await choose(page, dialog, 'Carol Ng')
    await see(dialog.getByText('Only what nobody else can complete (2)'))
    await dialog.getByLabel('Why (stands in the history of the tickets)').fill('Erin has left')
    await stage.shot(page, 'disable')
    await dialog.getByRole('button', { name: 'Disable' }).click()
    await see(page.getByText('Goes to Carol Ng'))
    await see(page.getByText('Tickets handed over: 3'))
    await see(page.getByText('No pending ticket waits for this person.'))
    await stage.shot(page, 'handed-over')

    await page.goto(`${stage.world.url}/console/tickets/${both.id}`)
    await see(page.getByText('Instead of Erin Wong: Carol Ng'))
    await see(page.getByText('Erin has left'))
    await stage.shot(page, 'history')
  })

  it('at once, with somebody named later: the tickets are listed, and go one by one or all together', async () => {
    const page = await openConsole(stage, 'alice', 'people/fay')
    const one = await ask('Fay alone', ['fay'])
    await ask('Fay alone as well', ['fay'])
    await page.reload()
    await page.getByRole('button', { name: 'Disable' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('Disable now, and name somebody later').click()
    await dialog.getByRole('button', { name: 'Disable' }).click()
    await see(page.getByRole('button', { name: 'Enable' }))
    await stage.shot(page, 'named-later')

    await page.getByRole('link', { name: 'Stuck tickets' }).click()
    await see(page.getByRole('link', { name: 'Fay Ong' }).first())
    await see(page.getByText('Approvals missing: 1').first())
    await stage.shot(page, 'stuck')
    await page.getByRole('button', { name: `Who takes over in #${one.number}?` }).click()
    await choose(page, page.getByRole('dialog'), 'Bob Miller')
    await page.getByRole('dialog').getByRole('button', { name: 'Name who takes over' }).click()
    await see(page.getByText('None of them can take this place'))
    await stage.shot(page, 'stuck-refused')
    await choose(page, page.getByRole('dialog'), 'Dan Lim')
    await page.getByRole('dialog').getByRole('button', { name: 'Name who takes over' }).click()
    await seeNoMore(page.getByRole('link', { name: /Fay alone$/ }))

    await page.getByRole('link', { name: 'Fay Ong' }).first().click()
    await page.getByRole('button', { name: 'Name who takes over' }).click()
    await choose(page, page.getByRole('dialog'), 'Carol Ng')
    await page.getByRole('dialog').getByRole('button', { name: 'Name who takes over' }).click()
    await see(page.getByText('Tickets handed over: 1'))
    await page.goto(`${stage.world.url}/console/stuck-tickets`)
    await see(page.getByText('Every pending ticket can be completed'))

    // A file of people says beforehand what nobody could complete.
    await ask('Gil alone', ['carol'])
    const csv = 'uid,name,disabled,successors\ngil,Gil,,\nfay,Fay Ong,true,\n'
    const preview = await (await api(page, 'POST', 'console/people-import/preview', { csv })).json()
    expect(preview).toMatchObject({ create: 1, keep: 1, stuck: 0, errors: [] })
  })

  it('is for administrators; overseers see what is stuck, and nobody else', async () => {
    const dba = await openConsole(stage, 'chen', 'stuck-tickets', { platform: 'Feishu' })
    await see(dba.getByRole('heading', { level: 1, name: 'Stuck tickets' }))
    expect(await dba.getByRole('button', { name: 'Name who takes over' }).count()).toBe(0)
    await dba.goto(`${stage.world.url}/console/people/fay`)
    await see(dba.getByText('Goes to Carol Ng'))
    expect(await dba.getByRole('button', { name: 'Name somebody else' }).count()).toBe(0)
    const bob = await openConsole(stage, 'bob', 'tickets')
    expect(await bob.getByRole('link', { name: 'Stuck tickets' }).count()).toBe(0)
    await bob.goto(`${stage.world.url}/console/stuck-tickets`)
    await see(bob.getByText('You may not do this.').or(bob.getByText('Something went wrong')))
  })
})

describe.each([
  ['zh-CN', true],
  ['ar', false],
] as const)('in %s', (language, dark) => {
  it('the dialog and the list read as in English', async () => {
    const page = await openConsole(stage, 'alice', 'people', { language, dark })
    const uid = `gone-${language.toLowerCase()}`
    await api(page, 'POST', 'console/people', { uid, name: 'Hal Teo' })
    await ask('Hal first', [uid, 'dan'], 'all')
    await ask('Hal or Dan', [uid, 'dan'])
    await page.goto(`${stage.world.url}/console/people/${uid}`)
    await become(() => page.locator('html').getAttribute('dir'), language === 'ar' ? 'rtl' : 'ltr')
    await page.locator('.page-head .el-button--danger').click()
    await see(page.getByRole('dialog').getByRole('link', { name: /Hal first/ }))
    await stage.shot(page, `${language}-disable`)
    await api(page, 'PATCH', `console/people/${uid}`, { disabled: true, reroute: { to: [] } })
    await page.goto(`${stage.world.url}/console/stuck-tickets`)
    await see(page.getByRole('link', { name: /Hal first/ }))
    await stage.shot(page, `${language}-stuck`)
    await api(page, 'PUT', `console/people/${uid}/reroute`, { to: ['carol'] })
    await page.goto(`${stage.world.url}/console/people/${uid}`)
    await see(page.locator('.order'))
    await stage.shot(page, `${language}-person`)
  })
})
