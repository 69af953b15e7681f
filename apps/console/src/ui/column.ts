/** A column of a table; its cells are given by the slot of its key. */
export interface Column {
  key: string
  title: string
  /** A CSS length; without it the column takes what is left. */
  width?: string
  /** A CSS length that it never falls below. */
  minWidth?: string
}
