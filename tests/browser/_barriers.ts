import axe, { type AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

/** What stands in somebody's way, and where: the rules of WCAG 2.2 AA that a machine can check, of serious weight. */
export async function barriers(page: Page): Promise<string[]> {
  // What moves in is half transparent for a moment, and would be judged so.
  await page.evaluate(`Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})))`)
  await page.evaluate(axe.source)
  const { violations } = (await page.evaluate('axe.run(document)')) as AxeResults
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary ?? ''}`))
}
