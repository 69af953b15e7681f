import { expect, it } from 'vitest'
import { become, see, seeNoMore, useStage } from '../_browser.ts'
import { apps } from '../_world.ts'
import { openConsole, ownHeaders } from './_console.ts'

/* People of Lark's directory in the console: read in the background, looked at, taken over as they were shown. */

const staff = Array.from({ length: 130 }, (_, index) => ({
  id: `s${index}`,
  name: ['Farah Aziz', '周敏', 'Kenji Mori', 'ريم خالد'][index % 4] + (index < 4 ? '' : ` ${index}`),
  platform: 'lark' as const,
  locale: 'en_us',
  email: `staff.${index}@acme.test`,
  mobile: index === 5 ? '12' : `+65-9${String(1_000_000 + index)}`,
  employeeId: `N-${index}`,
  departments: [index % 2 === 0 ? 'sales' : 'asia'],
}))

const stage = useStage({
  seed: (plain) => ({
    ...plain,
    departments: [
      { platform: 'lark', id: 'sales', name: 'Sales' },
      { platform: 'lark', id: 'asia', name: 'Asia Pacific', parent: 'sales' },
      { platform: 'lark', id: 'legal', name: 'Legal' },
    ],
    people: [...plain.people, ...staff],
  }),
})

const people = () => `${stage.world.url}/api/app/console/people`

it('are read, looked at, taken over, changed and disabled by an administrator', async () => {
  const page = await openConsole(stage, 'alice', 'people')
  const add = (data: object) => page.request.post(people(), { headers: ownHeaders(stage), data })
  expect((await add({ uid: 'erin', name: 'Erin Wong', employeeId: 'N-1', roles: ['dba'] })).status()).toBe(201)
  expect((await add({ uid: 'sam', name: 'Sam S.', email: 'sam@elsewhere.test' })).status()).toBe(201)
  await page.getByRole('button', { name: 'Sync from a directory' }).click()
  await see(page.getByRole('heading', { level: 1, name: 'Sync people from a directory' }))
  await become(async () => page.url(), `${stage.world.url}/console/people-sync/lark`)
  await see(page.getByText('Reading takes no calls from the month.'))

  // Some departments only; what is below them comes with them.
  await page.getByText('Only these departments').click()
  await see(page.getByText('Legal'))
  await see(page.getByText('Calls this takes, at the least: 8.'))
  await page.locator('.el-tree-node', { hasText: 'Sales' }).locator('.el-tree-node__expand-icon').first().click()
  await see(page.getByText('Asia Pacific'))
  await stage.shot(page, 'departments')
  await page.getByText('Whole directory').click()

  // A page that is left and opened again shows how far it is; it can be stopped.
  const hanging = stage.world.sandbox.faults.set({ kind: 'hang', path: 'find_by_department' })
  await page.getByRole('button', { name: 'Read the directory' }).click()
  await see(page.getByRole('status', { name: 'Reading the directory' }).getByText('Departments: 0 of 4'))
  await page.reload()
  await see(page.getByText('You can leave this page'))
  await stage.shot(page, 'reading')
  await page.getByRole('button', { name: 'Stop reading' }).click()
  await see(page.getByText('The reading was stopped. Nothing of it was kept.'))
  stage.world.sandbox.faults.clear(hanging)

  await page.getByRole('button', { name: 'Read it again' }).click()
  await see(page.getByText('People: 136.'))
  await see(page.getByRole('radio', { name: 'Add 129' }))
  await see(page.getByText('100 of 129 are shown'))
  await stage.shot(page, 'add')
  await page.getByRole('button', { name: 'Show more' }).click()
  await seeNoMore(page.getByText('100 of 129 are shown'))
  await page
    .getByRole('row', { name: /Farah Aziz N-0/ })
    .locator('.el-checkbox')
    .click()

  // Sam is found by the e-mail address and bound; Erin has a role, and is asked about.
  await page.getByText('Bind 1').click()
  await see(page.getByRole('row', { name: /Sam Stranger/ }).getByText('Account is bound'))
  await page.getByText('To clarify 1').click()
  expect(page.url()).toContain('kind=conflict')
  await see(page.getByText('whoever has the account could act with it'))
  await stage.shot(page, 'conflict')
  await page.getByRole('row', { name: /周敏/ }).locator('.el-select__wrapper').click()
  await page.getByRole('option', { name: 'Erin Wong (erin)' }).click()
  await see(page.getByRole('radio', { name: 'To clarify 0' }))

  await page.getByRole('button', { name: 'Take over' }).click()
  await see(page.getByText('Add: 128. Change: 2. Bind: 2. Disable: 0.'))
  await stage.shot(page, 'confirm')
  await page.getByRole('dialog').getByRole('button', { name: 'Take over' }).click()
  await see(page.getByText('Added: 128. Changed: 2. Bound: 2. Disabled: 0.'))
  await see(page.getByRole('radio', { name: 'Add 1' }))
  const erin = await (await page.request.get(`${people()}/erin`)).json()
  expect(erin).toMatchObject({ name: '周敏', roles: ['dba'], bindings: [{ channel: 'lark', account: 'known' }] })
  expect((await page.request.get(`${people()}/N-0`)).status()).toBe(404)

  // Whoever is gone is disabled when somebody says so, and not before.
  stage.world.sandbox.configurePerson('s4', { isFrozen: true })
  await page.getByRole('button', { name: 'Read it again' }).click()
  await page.getByText('Gone 1').click()
  await see(page.getByText('The account is frozen in the directory.'))
  await page.getByText('Disable who is gone (1)').click()
  await page.getByRole('button', { name: 'Take over' }).click()
  await see(page.getByText('can decide nothing any more'))
  await stage.shot(page, 'disable')
  await page.getByRole('dialog').getByRole('button', { name: 'Take over' }).click()
  await see(page.getByText('Added: 0. Changed: 0. Bound: 0. Disabled: 1.'))
  expect(await (await page.request.get(`${people()}/N-4`)).json()).toMatchObject({ disabled: true })

  // A permission that is missing is named, with where it is granted.
  stage.world.sandbox.configureApp(apps.lark.appId, { scopes: ['im:message:send_as_bot'] })
  await page.getByRole('button', { name: 'Read it again' }).click()
  await see(page.getByText('The app lacks a permission.'))
  await see(page.getByText('contact:department.organize:readonly').first())
  await see(page.getByRole('link', { name: 'Open the platform set-up' }))
  await stage.shot(page, 'permission')
  stage.world.sandbox.configureApp(apps.lark.appId, { scopes: [...stage.world.sandbox.app(apps.feishu.appId).scopes] })
})

it('are nobody else’s business', async () => {
  const dba = await openConsole(stage, 'chen', 'people', { platform: 'Feishu' })
  await see(dba.getByRole('heading', { level: 1, name: 'People' }))
  expect(await dba.getByRole('button', { name: 'Sync from a directory' }).count()).toBe(0)
  await dba.goto(`${stage.world.url}/console/people-sync`)
  await see(dba.getByText('Something went wrong').or(dba.getByText('You may not do this.')))
})

it.each([
  ['zh-CN', true],
  ['ar', false],
] as const)('read as in English in %s', async (language, dark) => {
  const page = await openConsole(stage, 'alice', 'people-sync/lark', { language, dark })
  await become(() => page.locator('html').getAttribute('dir'), language === 'ar' ? 'rtl' : 'ltr')
  await page.locator('.el-button').last().click()
  await page.locator('table.rows tbody tr').first().waitFor()
  await stage.shot(page, `${language}-plan`)
  await page.locator('.page .el-radio-button').nth(3).click()
  // Of what stays as it is there is nothing to choose.
  await become(() => page.locator('table.rows th').count(), 3)
  await stage.shot(page, `${language}-keep`)
})
