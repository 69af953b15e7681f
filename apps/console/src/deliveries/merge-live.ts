/** How many of the newest are asked for. */
export const newestAsked = 50

/** What tells two rows apart, and which is newer: ids are made in the order of time. */
interface Row {
  id: string
}

/**
 * A list as it is shown, brought to what the server says: changed rows in place, new ones at the top. Rows that the newest
 * should hold and do not, since the filter no longer finds them, stay where somebody may be looking at them; they are
 * named, to be asked for by their ids. Null: there is a gap between what is shown and what is new.
 */
export function mergeLive<Item extends Row>(
  shown: readonly Item[],
  newest: readonly Item[],
  others: readonly Item[],
): { items: Item[]; strayed: string[] } | null {
  const [top] = shown
  if (top === undefined) return { items: [...newest], strayed: [] }
  const fresh = newest.filter(({ id }) => id > top.id)
  // As many as were asked for, and none of them known: there may be more in between.
  if (fresh.length === newest.length && newest.length >= newestAsked) return null
  const said = new Map([...others, ...newest].map((row) => [row.id, row]))
  const last = newest.at(-1)
  // Fewer than were asked for are all that there are.
  const isAmongNewest = ({ id }: Row): boolean => last === undefined || newest.length < newestAsked || id >= last.id
  const strayed = shown.filter((row) => isAmongNewest(row) && !newest.some(({ id }) => id === row.id))
  return { items: [...fresh, ...shown.map((row) => said.get(row.id) ?? row)], strayed: strayed.map(({ id }) => id) }
}
