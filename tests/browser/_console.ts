import type { Locator, Page } from 'playwright-core'
import { see, type useStage } from '../_browser.ts'

type Stage = ReturnType<typeof useStage>
type Looks = Parameters<Stage['deskBrowser']>[0] & { platform?: 'Lark' | 'Feishu' }

/** A page of the console, open for this person, in a language that is chosen in this browser. */
export async function openConsole(
  stage: Stage,
  person: string,
  path: string,
  { platform = 'Lark', language = 'en', ...looks }: Looks = {},
): Promise<Page> {
  const page = await stage.deskBrowser(looks)
  await page.goto(`${stage.world.url}/console/`)
  await page.getByRole('button', { name: `Continue with ${platform}` }).click()
  await page.locator(`a[data-person="${person}"]`).click()
  await see(page.getByRole('navigation'))
  await page.evaluate((chosen) => localStorage.setItem('countersign.console.locale', chosen), language)
  await page.goto(`${stage.world.url}/console/${path}`)
  await see(page.getByRole('navigation'))
  return page
}

/** A field to choose from; its own element lies under what is chosen and takes no click. */
export const chooser = (page: Page, name: string): Locator =>
  page.locator('.el-select__wrapper', { has: page.getByRole('combobox', { name }) })

/** What a page of ours has to send along with whatever changes something. */
export const ownHeaders = (stage: Stage): Record<string, string> => ({
  'x-requested-with': 'countersign',
  origin: stage.world.url,
})
