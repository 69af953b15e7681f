/** What is to be done so that the rows of a table become those of the file. */
export interface RowChanges<Existing, Wanted> {
  added: Wanted[]
  changed: { existing: Existing; wanted: Wanted }[]
  /** Made by the file once, and no longer in it. */
  removed: Existing[]
}

/** Compares by key. Rows that the file never made are left alone unless it names them now. */
export function compareRows<Existing extends { provisioned: 0 | 1 }, Wanted>(
  existing: readonly Existing[],
  wanted: readonly Wanted[],
  by: {
    existingKey: (row: Existing) => string
    wantedKey: (row: Wanted) => string
    isSame: (existing: Existing, wanted: Wanted) => boolean
  },
): RowChanges<Existing, Wanted> {
  const rows = new Map(existing.map((row) => [by.existingKey(row), row]))
  const named = new Set(wanted.map(by.wantedKey))
  const changes: RowChanges<Existing, Wanted> = { added: [], changed: [], removed: [] }
  for (const row of wanted) {
    const before = rows.get(by.wantedKey(row))
    if (before === undefined) changes.added.push(row)
    else if (before.provisioned === 0 || !by.isSame(before, row))
      changes.changed.push({ existing: before, wanted: row })
  }
  changes.removed = existing.filter((row) => row.provisioned === 1 && !named.has(by.existingKey(row)))
  return changes
}

/** What applying the file changed in one tenant, as `user:alice`, `channel:lark`, … Empty lists: nothing. */
export interface TenantChanges {
  tenantId: string
  added: string[]
  changed: string[]
  removed: string[]
}

export function hasChanges(changes: TenantChanges): boolean {
  return changes.added.length + changes.changed.length + changes.removed.length > 0
}
