import { expect, it } from 'vitest'
import { compareWithBaseline } from '../../apps/h5/perf/compare.ts'
import { findChromium } from '../../scripts/chromium.ts'

/* Never in milliseconds: a textbook build of the same page is loaded in turn, on the same slow network and processor. */

it('shows its first paint in half, and the first row in two thirds, of the time that a textbook build takes', async () => {
  const { app, ratios } = await compareWithBaseline({ executablePath: findChromium() ?? 'chromium', times: 14 })
  expect(ratios.firstPaint).toBeLessThanOrEqual(0.5)
  expect(ratios.firstRow).toBeLessThanOrEqual(0.65)
  expect(ratios.warmFirstRow).toBeLessThanOrEqual(0.5)
  expect(app.cold.layoutShift).toBeLessThanOrEqual(0.05)
  expect(app.cold.requests).toBeLessThanOrEqual(4)
})
