import type { Locator, Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { become, see, seeNoMore, useStage } from '../_browser.ts'

/* Approval templates in the console: who is asked, and who would be. */

const stage = useStage({
  change(file) {
    const tenant = file.tenants[0]
    tenant?.users.push({
      ...{ uid: 'sue', name: 'Sue Auditor', roles: ['security_admin'], disabled: false },
      ...{ email: 'mallory@acme.test', channels: {} },
    })
  },
})
const own = () => ({ 'x-requested-with': 'countersign', origin: stage.world.url })

async function logIn(person: string, path = '', looks: { dark?: boolean } = {}): Promise<Page> {
  const page = await stage.deskBrowser(looks)
  await page.goto(`${stage.world.url}/console/${path}`)
  await page.getByRole('button', { name: person === 'chen' ? 'Continue with Feishu' : 'Continue with Lark' }).click()
  await page.locator(`a[data-person="${person}"]`).click()
  await see(page.getByRole('navigation'))
  return page
}

/** Types names into a picker, and takes what its own list offers: the lists of others may still be closing. */
async function pick(page: Page, within: Locator, label: string, ...names: string[]): Promise<void> {
  const input = within.getByRole('combobox', { name: label })
  await input.focus()
  for (const name of names) {
    await input.fill(name)
    const list = page.locator(`[id="${await input.getAttribute('aria-controls')}"]`)
    await list.getByRole('option', { name }).first().click()
  }
  await page.getByRole('heading', { level: 1 }).click()
  // What lies under a list that is still closing gets no click.
  await seeNoMore(page.getByRole('option'))
}

describe('an approval template', () => {
  it('is written with a look at who would be asked, becomes the default, and the next ticket goes by it', async () => {
    const page = await logIn('alice', 'approval-templates')
    await see(page.getByRole('link', { name: 'export-default' }))
    await page.getByRole('button', { name: 'Add a template' }).click()
    await see(page.getByRole('heading', { level: 1, name: 'Add a template' }))
    await see(page.getByText('Fill in the template to see it.'))
    await page.getByRole('button', { name: 'Save' }).click()
    await see(page.getByText('The id has 1 to 64 letters'))

    await page.getByLabel('Id', { exact: true }).fill('access-two-steps')
    const type = page.getByRole('combobox', { name: 'Type' })
    await type.click()
    await type.fill('Permission')
    await page.getByRole('option', { name: 'Permission request' }).click()
    const first = page.getByRole('group', { name: 'Step 1' })
    await first.getByLabel('Name of the step').fill('Owner')
    await pick(page, first, 'Approvers', 'Bob', 'Carol')
    await page.getByRole('button', { name: 'Add a step' }).click()
    const second = page.getByRole('group', { name: 'Step 2' })
    await second.getByLabel('Name of the step').fill('DBA')
    await pick(page, second, 'Approvers', 'Bob', 'Dan')
    await second.getByText('At least').click()
    await see(second.getByRole('spinbutton'))

    // Alice submits: all four are asked. Bob submits: one is not enough where two are needed.
    const asked = page.getByRole('region', { name: 'Who would be asked' })
    await see(asked.getByText('The ticket would be accepted'))
    await pick(page, asked, 'Submitter', 'Bob')
    await see(asked.getByText('The ticket would be refused'))
    await see(asked.getByText('is the submitter'))
    await see(asked.getByText('Fewer are left than the rule needs.'))
    await stage.shot(page, 'refused')
    await second.getByText('One approval').click()
    await see(asked.getByText('The ticket would be accepted'))
    await page.getByText('Of its own').click()
    await page.getByRole('button', { name: 'Add a reminder' }).click()
    await page.getByText('Urgent message', { exact: true }).last().click()

    // What was typed is not lost by a slip.
    await page.getByRole('link', { name: 'Audit' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Keep editing' }).click()
    await page.getByRole('button', { name: 'Save' }).click()
    await see(page.getByRole('heading', { level: 1, name: 'access-two-steps' }))
    expect(page.url()).toBe(`${stage.world.url}/console/approval-templates/access-two-steps`)
    await see(page.getByText('Default of Permission request'))
    await stage.shot(page, 'template')
    const kept = await page.request.get(`${stage.world.url}/api/app/console/approval-templates/access-two-steps`)
    expect((await kept.json()).template.reminders).toEqual([
      { after: 'PT4H', buzz: false },
      { after: 'PT28H', buzz: true },
    ])

    const answer = await stage.world.api.call('POST', '/api/v1/tickets', {
      ...{ module: 'perm_apply', title: 'By the default', submitter: 'bob' },
    })
    expect(answer.status).toBe(201)
    const asks = answer.body.nodes.map((node: { approvers: { uid: string }[] }) => node.approvers.map(({ uid }) => uid))
    expect(asks).toEqual([['carol'], ['dan']])

    await page.goto(`${stage.world.url}/console/approval-templates`)
    const row = page.getByRole('row').filter({ hasText: 'access-two-steps' })
    await see(row.getByText('Carol Ng'))
    await stage.shot(page, 'list')
    await row.getByRole('link', { name: 'access-two-steps' }).click()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('tooltip').getByRole('button', { name: 'Delete' }).click()
    await see(page.getByRole('heading', { level: 1, name: 'Approval templates' }))
    await seeNoMore(page.getByRole('link', { name: 'access-two-steps' }))
  })

  it('that somebody else has changed meanwhile is not overwritten', async () => {
    const page = await logIn('alice')
    const api = `${stage.world.url}/api/app/console/approval-templates`
    const template = { id: 'shared', module: 'nddl', nodes: [{ name: 'Owner', approvers: ['dan'], rule: 'any' }] }
    const made = await page.request.post(api, { headers: own(), data: { template } })
    expect(made.status()).toBe(201)
    await page.goto(`${stage.world.url}/console/approval-templates/shared`)
    await see(page.getByRole('group', { name: 'Step 1' }))
    const { revision } = await made.json()
    const other = { ...template, risk: 'high' }
    const put = await page.request.put(`${api}/shared`, { headers: own(), data: { template: other, revision } })
    expect(put.status()).toBe(200)
    await page.getByLabel('Name of the step').fill('Mine')
    await page.getByRole('button', { name: 'Save' }).click()
    await see(page.getByText('Somebody has changed this meanwhile.'))
    expect((await (await page.request.get(`${api}/shared`)).json()).template).toEqual(other)
  })

  it('of the provisioning file is shown, says why it cannot be changed, and is refused by the server', async () => {
    const page = await logIn('chen', 'approval-templates/export-default')
    await page.getByRole('button', { name: '简体中文' }).click()
    await page.getByRole('menuitem', { name: 'English' }).click()
    await see(page.getByText('This template stands in the provisioning file, and is changed there.'))
    await see(page.getByRole('region', { name: 'Who would be asked' }).getByText('The ticket would be accepted'))
    await stage.shot(page, 'provisioned')
    expect(await page.getByRole('button', { name: 'Save' }).count()).toBe(0)
    const at = `${stage.world.url}/api/app/console/approval-templates/export-default`
    const answer = await page.request.delete(at, { headers: own() })
    expect([answer.status(), (await answer.json()).code]).toEqual([409, 'provisioned'])
  })

  it('is no business of anybody but administrators and DBAs', async () => {
    const admin = await logIn('alice', 'people/sue')
    const issued = await admin.request.post(`${stage.world.url}/api/app/console/people/sue/login-link`, {
      headers: own(),
    })
    const sue = await stage.deskBrowser()
    await sue.goto((await issued.json()).link)
    await see(sue.getByRole('button', { name: 'Sue Auditor' }))
    expect(await sue.getByRole('link', { name: 'Approval templates' }).count()).toBe(0)
    const template = { id: 'x', module: 'nddl', nodes: [{ name: 'Owner', approvers: ['dan'], rule: 'any' }] }
    const asks = [
      ['GET', 'approval-templates', undefined],
      ['GET', 'approval-templates/export-default', undefined],
      ['POST', 'approval-templates', { template }],
      ['PUT', 'approval-templates/export-default', { template, revision: 'x' }],
      ['DELETE', 'approval-templates/export-default', undefined],
      ['POST', 'approval-templates/export-default/default', undefined],
      ['POST', 'approval-template-preview', { template, submitter: 'bob' }],
    ] as const
    for (const page of [sue, await logIn('bob')]) {
      for (const [method, path, data] of asks) {
        const answer = await page.request.fetch(`${stage.world.url}/api/app/console/${path}`, {
          method,
          headers: own(),
          ...(data === undefined ? {} : { data }),
        })
        expect([method, path, answer.status()]).toEqual([method, path, 403])
      }
    }
  })
})

describe.each([
  ['简体中文', 'zh-CN', true],
  ['العربية', 'ar', false],
] as const)('in %s', (name, language, dark) => {
  it('the pages read as in English', async () => {
    const page = await logIn('alice', 'approval-templates', { dark })
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('menuitem', { name }).click()
    await become(() => page.locator('html').getAttribute('dir'), language === 'ar' ? 'rtl' : 'ltr')
    await see(page.getByRole('link', { name: 'export-default' }))
    await stage.shot(page, `${language}-list`)
    await page.getByRole('link', { name: 'export-default' }).click()
    await see(page.getByRole('heading', { level: 1, name: 'export-default' }))
    // Alice is the only approver: of her own ticket there would be none.
    await see(page.locator('.el-alert--error'))
    await stage.shot(page, `${language}-template`)
  })
})
