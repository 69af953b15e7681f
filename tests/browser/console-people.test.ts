import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { become, see, seeNoMore, useStage } from '../_browser.ts'

/* People in the console: added, changed, imported and disabled by administrators, seen by overseers, and nobody else's. */

const stage = useStage()
const own = () => ({ 'x-requested-with': 'countersign', origin: stage.world.url })

async function logIn(person: string, path = '', looks: { dark?: boolean } = {}): Promise<Page> {
  const page = await stage.deskBrowser(looks)
  await page.goto(`${stage.world.url}/console/${path}`)
  await page.getByRole('button', { name: person === 'chen' ? 'Continue with Feishu' : 'Continue with Lark' }).click()
  await page.locator(`a[data-person="${person}"]`).click()
  await see(page.getByRole('navigation'))
  return page
}

const inLanguage = async (page: Page, from: string, to: string): Promise<void> => {
  await page.getByRole('button', { name: from }).click()
  await page.getByRole('menuitem', { name: to }).click()
}

describe('a person', () => {
  it('is added, logs in by a link shown once, is changed, and disabled with a look at what waits for them', async () => {
    const page = await logIn('alice', 'people')
    await page.getByRole('button', { name: 'Add a person' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await see(dialog.getByText('Please give a name.'))
    await dialog.getByLabel('uid').fill('erin')
    await dialog.getByLabel('Name', { exact: true }).fill('Erin Wong')
    await dialog.getByLabel('E-mail').fill('erin@acme.test')
    await dialog.getByLabel('Mobile number').fill('91234567')
    await see(dialog.getByText('In international form, such as'))
    await dialog.getByLabel('Mobile number').fill('+65 9123 4567')
    await stage.shot(page, 'add')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await see(page.getByRole('heading', { level: 1, name: 'Erin Wong' }))
    expect(page.url()).toBe(`${stage.world.url}/console/people/erin`)
    await see(page.getByText('+6591234567'))
    await see(page.getByText('no channel reaches this person'))

    await page.getByRole('button', { name: 'Log-in link' }).click()
    await see(page.getByText('This is shown once.'))
    await stage.shot(page, 'link')
    const link = await page.getByRole('dialog').locator('code').textContent()
    await page.getByRole('button', { name: 'I have kept it' }).click()
    const erin = await stage.deskBrowser()
    await erin.goto(link ?? '')
    await see(erin.getByRole('button', { name: 'Erin Wong' }))

    // Bound to an account of Lark, she could log in by it; unbound again, the account is nobody's.
    const at = `${stage.world.url}/api/app/people/erin/notification-settings/channels/lark`
    const bound = await page.request.put(at, { headers: own(), data: { address: { email: 'sam@elsewhere.test' } } })
    expect(bound.status()).toBe(200)
    await page.reload()
    await see(page.getByText('Known', { exact: true }))
    await see(page.getByText('Can log in without help, and needs no link.'))
    await stage.shot(page, 'bound')
    await page.getByRole('button', { name: 'Unbind' }).click()
    await page.getByRole('tooltip').getByRole('button', { name: 'Unbind' }).click()
    await see(page.getByText('no channel reaches this person'))

    await page.getByRole('button', { name: 'Edit' }).click()
    await page.getByRole('dialog').getByText('DBA', { exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await see(page.getByText('Member · DBA').or(page.getByText('DBA · Member')))

    await stage.world.api.submit({ title: 'Only Erin', nodes: [{ name: 'Owner', approvers: ['erin'] }] })
    await stage.world.api.submit({ title: 'Erin or Carol', nodes: [{ name: 'Owner', approvers: ['erin', 'carol'] }] })
    await page.getByRole('button', { name: 'Disable' }).click()
    await see(page.getByText('Tickets that wait for them now: 2.'))
    await see(page.getByRole('dialog').getByText('Pending tickets that nobody else can complete: 1'))
    await stage.shot(page, 'disable')
    await page.getByRole('dialog').getByText('Disable now, and name somebody later').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
    await see(page.getByRole('button', { name: 'Enable' }))
    await erin.reload()
    await see(erin.getByRole('heading', { name: 'Sign in to Countersign' }))
    await stage.shot(page, 'disabled')
    await page.getByRole('link', { name: 'Show tickets' }).click()
    await see(page.getByText('Approver: erin'))
    await see(page.getByRole('link', { name: 'Only Erin' }))
    await page.goto(`${stage.world.url}/console/audit?target=user%3Aerin`)
    await see(page.getByText('user.disable'))
    expect(await page.content()).not.toMatch(/erin@acme|6591234567/)
  })

  it('of the provisioning file is read only, in the console and for the server; the last administrator stays', async () => {
    const page = await logIn('alice', 'people/carol')
    await see(page.getByText('This person stands in the provisioning file, and is changed there.'))
    await stage.shot(page, 'provisioned')
    expect(await page.getByRole('button', { name: 'Edit' }).count()).toBe(0)
    expect(await page.getByRole('button', { name: 'Unbind' }).count()).toBe(0)
    const api = `${stage.world.url}/api/app/console/people`
    const settings = `${stage.world.url}/api/app/people`
    const refused = await page.request.patch(`${api}/carol`, { headers: own(), data: { disabled: true } })
    expect([refused.status(), (await refused.json()).code]).toEqual([409, 'provisioned'])
    const unbind = await page.request.delete(`${settings}/carol/notification-settings/channels/lark`, {
      headers: own(),
    })
    expect([unbind.status(), (await unbind.json()).code]).toEqual([409, 'provisioned'])
    // She has logged in through Lark: nobody gets a link to act in her place.
    const link = await page.request.post(`${api}/alice/login-link`, { headers: own() })
    expect([link.status(), (await link.json()).code]).toEqual([409, 'logs_in_by_platform'])
    await page.goto(`${stage.world.url}/console/people/nobody`)
    await see(page.getByText('Nobody here has this uid.'))
  })

  it('is seen by a DBA without how to reach them, and by nobody without a role', async () => {
    const dba = await logIn('chen', 'people/carol')
    await inLanguage(dba, '简体中文', 'English')
    await see(dba.getByText('Contact details are shown to administrators.'))
    expect(await dba.content()).not.toContain('carol@acme.test')
    const bob = await logIn('bob', 'people/carol')
    await see(bob.getByText('Something went wrong').or(bob.getByText('You may not do this.')))
    const api = `${stage.world.url}/api/app/console`
    const changes = [
      ['POST', 'people', { uid: 'x', name: 'X' }],
      ['PATCH', 'people/dan', { roles: ['admin'] }],
      ['POST', 'people/dan/login-link', undefined],
      ['GET', 'people-export', undefined],
      ['POST', 'people-import/preview', { csv: 'uid,name' }],
      ['POST', 'people-import', { csv: 'uid,name', digest: 'x' }],
    ] as const
    for (const page of [dba, bob]) {
      for (const [method, path, data] of changes) {
        const answer = await page.request.fetch(`${api}/${path}`, {
          method,
          headers: own(),
          ...(data === undefined ? {} : { data }),
        })
        expect([path, answer.status()]).toEqual([path, 403])
      }
    }
    expect((await bob.request.get(`${api}/people/carol`)).status()).toBe(403)
    expect((await fetch(`${api}/people/carol`)).status).toBe(401)
  })
})

const file = (text: string) => ({ name: 'people.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })

describe('an import', () => {
  it('shows what is wrong line by line, then what would change, then writes exactly that', async () => {
    const page = await logIn('alice', 'people-import')
    await see(page.getByRole('heading', { level: 1, name: 'Import people' }))
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download the template' }).click()
    expect(readFileSync(await (await download).path(), 'utf8')).toContain('uid,name,roles,locale')
    const input = page.locator('input[type=file]')

    await input.setInputFiles({ ...file(''), buffer: Buffer.from('uid,name\nx,\xff\xfe', 'latin1') })
    await see(page.getByText('This file is not in UTF-8.'))
    await input.setInputFiles(
      file('\uFEFFuid;name;roles;mobile\r\nfay;Fay Ong;boss;91234567\r\ncarol;Someone Else;;\r\n'),
    )
    await see(page.getByText('There is no such role.'))
    await see(page.getByText('A mobile number in international form begins with +.'))
    await see(page.getByText('This person stands in the provisioning file'))
    await stage.shot(page, 'import-errors')
    expect(await page.getByRole('button', { name: /^Import/ }).count()).toBe(0)

    const people = Array.from({ length: 30 }, (_, index) => `p${index};Person ${index};user;+65912345${index + 10}`)
    await input.setInputFiles(file(`\uFEFFuid;name;roles;mobile\r\n${people.join('\r\n')}\r\n`))
    await see(page.getByText('To be added: 30'))
    await seeNoMore(page.getByText('There is no such role.'))
    await stage.shot(page, 'import-preview')
    expect((await page.request.get(`${stage.world.url}/api/app/console/people/p7`)).status()).toBe(404)
    await page.getByRole('button', { name: 'Import 30' }).click()
    await see(page.getByRole('heading', { level: 1, name: 'People' }))
    await see(page.getByRole('link', { name: 'Person 7', exact: true }))

    const exported = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Export CSV' }).click()
    const csv = readFileSync(await (await exported).path(), 'utf8')
    expect(csv).toContain("p7,Person 7,user,,,,'+6591234517,,false")
    const again = await page.request.post(`${stage.world.url}/api/app/console/people-import/preview`, {
      headers: own(),
      data: { csv },
    })
    expect(await again.json()).toMatchObject({ create: 0, change: 0, errorCount: 0 })
  })

  it('takes a file of 5,000 people, larger than other requests may be', async () => {
    const page = await logIn('alice', 'people-import')
    const rows = Array.from({ length: 5_000 }, (_, index) => `q${index},"Person, number ${index}",q${index}@acme.test`)
    await page.locator('input[type=file]').setInputFiles(file(`uid,name,email\n${rows.join('\n')}\n`))
    await see(page.getByText('To be added: 5,000'))
    await see(page.getByText('The first 500 are shown'))
  })
})

describe.each([
  ['简体中文', 'zh-CN', true],
  ['العربية', 'ar', false],
] as const)('in %s', (name, language, dark) => {
  it('the pages read as in English', async () => {
    const page = await logIn('alice', 'people/dan', { dark })
    await inLanguage(page, 'English', name)
    await become(() => page.locator('html').getAttribute('dir'), language === 'ar' ? 'rtl' : 'ltr')
    await see(page.getByRole('heading', { level: 1, name: 'Dan Lim' }))
    await stage.shot(page, `${language}-person`)
    await page.goto(`${stage.world.url}/console/people-import`)
    await page.locator('input[type=file]').setInputFiles(file('uid,name,locale\ngil,Gil,tlh\n'))
    await see(page.getByRole('table'))
    await stage.shot(page, `${language}-import`)
  })
})
