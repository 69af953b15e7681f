import type { ImportError, TenantId, Uid } from '@countersign/contracts'
import type { Stores } from '#server/db/stores.ts'
import { isActiveAdministrator } from './change.ts'
import type { ReadRow } from './import-row.ts'
import type { PlannedRow } from './plan-import.ts'
import { problem } from './read-csv.ts'

/**
 * Successors who would not be there once the file is applied, who would follow themselves, or who stand in a line that
 * disables nobody. As everywhere, nobody names themself while another administrator can.
 */
export async function successorErrors(
  stores: Pick<Stores, 'people'>,
  { tenantId, actor }: { tenantId: TenantId; actor: Uid },
  given: readonly ReadRow[],
  rows: readonly PlannedRow[],
): Promise<ImportError[]> {
  const naming = given.filter(({ successors }) => successors.length > 0)
  if (naming.length === 0) return []
  const planned = new Map(rows.map((row) => [row.after.uid, row.after]))
  const others = naming.flatMap(({ successors }) => successors).filter((uid) => !planned.has(uid))
  const kept = await stores.people.rows(tenantId, [...new Set(others)])
  const isThere = (uid: Uid): boolean => (planned.get(uid) ?? kept.get(uid))?.disabled === 0
  const mayNameSelf = !(await hasOtherAdministrator(stores, tenantId, actor, rows))
  return naming.flatMap(({ line, uid, successors }): ImportError[] => {
    const bad = (message: string): ImportError[] => [problem(line, 'successors', 'successor_bad', message)]
    if (planned.get(uid)?.disabled === 0) return bad('belongs to a line that disables the person')
    const wrong = successors.find((each) => each === uid || !isThere(each))
    if (wrong !== undefined) return bad(`${wrong} cannot take over: nobody active has this uid, or it is the person`)
    if (mayNameSelf || !successors.includes(actor)) return []
    return [problem(line, 'successors', 'own_successor', 'nobody names themself: another administrator can name you')]
  })
}

async function hasOtherAdministrator(
  stores: Pick<Stores, 'people'>,
  tenantId: TenantId,
  actor: Uid,
  rows: readonly PlannedRow[],
): Promise<boolean> {
  const left = new Set(await stores.people.activeWith(tenantId, 'admin'))
  for (const { after } of rows) {
    if (!isActiveAdministrator(after)) left.delete(after.uid)
  }
  return [...left].some((uid) => uid !== actor)
}
