import { expect, it } from 'vitest'
import { h5Path, see, useStage } from '../_browser.ts'
import { words } from './_words.ts'

/* A link of a channel that the organisation has switched off since. */

const stage = useStage({
  change: ({ tenants: [tenant] }) => {
    if (tenant?.channels.feishu !== undefined) tenant.channels.feishu.enabled = false
  },
})

it.each(['en', 'zh-CN'] as const)('says in %s that it is off, and offers what is left', async (language) => {
  const say = words[language]
  const page = await stage.phoneBrowser({ language })
  await page.goto(`${stage.world.url}${h5Path}?t=acme&c=feishu`)
  await see(page.getByRole('heading', { level: 1, name: say.feishuOff }))
  expect(await page.getByRole('button', { name: say.logInWith.feishu }).count()).toBe(0)
  await see(page.getByRole('button', { name: say.logInWith.lark }))
  await stage.shot(page, language)
  await page.getByRole('button', { name: say.logInWith.lark }).click()
  await page.locator('a[data-person="alice"]').click()
  await see(page.getByRole('heading', { level: 1, name: 'Approvals' }))
})
