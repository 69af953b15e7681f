import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  type ChartConfiguration,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  Tooltip,
} from 'chart.js'
import { formatDuration, formatNumber } from '../i18n/format.ts'
import type { Plot, PlotColour } from './plot.ts'

Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  Tooltip,
)

const minuteMs = 60_000
/** Where a scale of durations is labelled: a second, a minute, an hour, a day, a week. */
const durationTicks = [1_000, minuteMs, 60 * minuteMs, 24 * 60 * minuteMs, 7 * 24 * 60 * minuteMs]

const written = (plot: Plot, value: number): string =>
  plot.unit === 'duration' ? formatDuration(value) : formatNumber(value)

/** Draws on the canvas, in the colours and the writing direction of the page. The caller destroys it. */
export function drawPlot(canvas: HTMLCanvasElement, plot: Plot): Chart {
  const style = getComputedStyle(canvas)
  const token = (name: string): string => style.getPropertyValue(name).trim()
  const colourOf = (colour: PlotColour): string => token(`--el-color-${colour}`)
  const isRtl = style.direction === 'rtl'
  const [text, line] = [token('--el-text-color-secondary'), token('--page-line')]
  const font = { family: token('--el-font-family'), size: 12 }
  const words = {
    ticks: { color: text, font, autoSkip: true, maxRotation: 0 },
    stacked: plot.series.some(({ pile }) => pile !== undefined),
    grid: { display: false },
    border: { color: line },
  }
  const numbers = {
    ...words,
    ticks: { color: text, font, precision: 0, callback: (value: string | number) => written(plot, Number(value)) },
    grid: { color: line },
    beginAtZero: true,
  }
  const durations = {
    ...numbers,
    type: 'logarithmic' as const,
    afterBuildTicks: (axis: { min: number; max: number; ticks: { value: number }[] }) => {
      axis.ticks = durationTicks.filter((tick) => tick >= axis.min && tick <= axis.max).map((value) => ({ value }))
    },
  }
  const values = plot.unit === 'duration' ? durations : numbers
  const acrossPage = { reverse: isRtl }
  const upThePage = { position: isRtl ? ('right' as const) : ('left' as const) }
  const scales = plot.isHorizontal
    ? { x: { ...values, ...acrossPage }, y: { ...words, ...upThePage } }
    : { x: { ...words, ...acrossPage }, y: { ...values, ...upThePage } }
  const configuration: ChartConfiguration = {
    type: plot.kind === 'bars' ? 'bar' : 'line',
    data: {
      labels: [...plot.labels],
      datasets: plot.series.map(({ name, colour, pile, values: data }) => ({
        label: name,
        ...(pile === undefined ? {} : { stack: pile }),
        data: [...data],
        backgroundColor: colourOf(colour),
        borderColor: colourOf(colour),
        borderWidth: plot.kind === 'lines' ? 2 : 0,
        borderRadius: 3,
        maxBarThickness: 26,
        pointRadius: 2,
        spanGaps: true,
      })),
    },
    options: {
      // It stands still: nothing to wait for, and nothing that moves for those whom it disturbs.
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      indexAxis: plot.isHorizontal ? 'y' : 'x',
      interaction: { mode: 'index', intersect: false },
      scales,
      plugins: {
        legend: { display: plot.series.length > 1, rtl: isRtl, labels: { color: text, font, boxWidth: 12 } },
        tooltip: {
          rtl: isRtl,
          titleFont: font,
          bodyFont: font,
          callbacks: {
            label: ({ dataset, raw }) => `${dataset.label}: ${typeof raw === 'number' ? written(plot, raw) : ''}`,
          },
        },
      },
    },
  }
  return new Chart(canvas, configuration)
}
