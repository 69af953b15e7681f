/** One thing that is wrong: where (dotted), and what would be right. */
export interface FileProblem {
  path: string
  message: string
}

export function at(path: string, message: string): FileProblem {
  return { path, message }
}

/** The places of all items whose name an earlier item has. */
export function repeated<Item>(items: readonly Item[], nameOf: (item: Item) => string): number[] {
  const seen = new Set<string>()
  return items.flatMap((item, index) => {
    const name = nameOf(item)
    const isRepeated = seen.has(name)
    seen.add(name)
    return isRepeated ? [index] : []
  })
}
