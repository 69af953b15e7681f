/** How much of a ticket a card shows; lengths in UTF-16 units. */
export interface Budget {
  code: number
  codeLines: number
  pieces: number
  description: number
  facts: number
  field: number
  name: number
  people: number
  steps: number
}

/** More than this nobody reads on a phone, whatever fits. */
export const roomy: Budget = {
  code: 2_400,
  codeLines: 40,
  pieces: 5,
  description: 1_600,
  facts: 16,
  field: 400,
  name: 64,
  people: 8,
  steps: 8,
}

/** What gives way, in this order, until the card fits: code, description, facts, names. */
export const savings: readonly Partial<Budget>[] = [
  {},
  { code: 1_200, codeLines: 25 },
  { code: 500, codeLines: 12, pieces: 3 },
  { code: 0 },
  { description: 600 },
  { description: 150 },
  { field: 120, facts: 12 },
  { field: 40, facts: 8 },
  { name: 24, people: 4, steps: 6 },
  { name: 12, people: 2, steps: 4 },
]
