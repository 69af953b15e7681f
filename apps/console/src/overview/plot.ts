/** What a plot shows; its table is made of the same. */
export interface Plot {
  kind: 'bars' | 'lines'
  /** Bars from the side, for labels that are words. */
  isHorizontal?: boolean
  /** How values are written. Durations are milliseconds, on a scale of tenfold steps: an hour and a week fit on one. */
  unit: 'count' | 'duration'
  /** What the labels are, for the head of the table. */
  labelled: string
  labels: readonly string[]
  series: readonly Series[]
}

export interface Series {
  name: string
  colour: PlotColour
  /** Bars of one pile stand on each other; without one, beside each other. */
  pile?: string
  /** Null: nothing was measured. */
  values: readonly (number | null)[]
}

/** By meaning, so that both schemes have their own. */
export type PlotColour = 'primary' | 'success' | 'danger' | 'warning' | 'info'

/** Whether there is anything to draw. */
export const isEmpty = ({ series }: Plot): boolean =>
  series.every(({ values }) => values.every((value) => value === null || value === 0))
