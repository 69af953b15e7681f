import { compareWithBaseline } from './compare.ts'

/* Prints how the app loads beside the baseline: `node perf/load.ts [path of a Chromium]`. */

const executablePath = process.argv[2] ?? '/usr/bin/chromium'
const { app, baseline, ratios } = await compareWithBaseline({ executablePath, times: 5 })
const row = (name: string, ...cells: (string | number)[]): string =>
  `${name.padEnd(22)}${cells.map((cell) => String(cell).padStart(12)).join('')}\n`
const ms = (value: number): string => `${Math.round(value)} ms`

process.stdout.write(
  [
    row('Slow 4G, CPU 4x', 'app', 'baseline', 'ratio', 'at most'),
    row('first paint', ms(app.cold.firstPaintMs), ms(baseline.cold.firstPaintMs), ratios.firstPaint.toFixed(2), '0.50'),
    row('first row', ms(app.cold.firstRowMs), ms(baseline.cold.firstRowMs), ratios.firstRow.toFixed(2), '0.65'),
    row(
      'first row, warm',
      ms(app.warm.firstRowMs),
      ms(baseline.warm.firstRowMs),
      ratios.warmFirstRow.toFixed(2),
      '0.50',
    ),
    row('layout shift', app.cold.layoutShift.toFixed(3), baseline.cold.layoutShift.toFixed(3), '', '0.05'),
    row('requests before row', app.cold.requests, baseline.cold.requests, '', '4'),
  ].join(''),
)
