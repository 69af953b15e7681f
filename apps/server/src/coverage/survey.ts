import type { Coverage, CoverageQuery, TenantId } from '@countersign/contracts'
import { type CoverageStores, cover } from './cover.ts'
import type { UnreachablePerson } from './report.ts'

export interface Survey {
  unreachable: UnreachablePerson[]
  /** Who can be told of everything. */
  reachable: ReadonlySet<string>
}

/** Everybody whom some template or rule of the tenant would tell of something, and whether they can be told. */
export async function survey(stores: CoverageStores, tenantId: TenantId, at: number): Promise<Survey> {
  const found = new Map<string, UnreachablePerson>()
  const reached = new Set<string>()
  for (const query of await questions(stores, tenantId)) {
    const { people } = await cover(stores, tenantId, query, at)
    for (const person of people) {
      if (person.isReachable) reached.add(person.uid)
      else merge(found, person)
    }
  }
  return {
    unreachable: [...found.values()].toSorted((a, b) => (a.uid < b.uid ? -1 : 1)),
    reachable: new Set([...reached].filter((uid) => !found.has(uid))),
  }
}

async function questions({ tenants }: CoverageStores, tenantId: TenantId): Promise<CoverageQuery[]> {
  const [templates, rules] = await Promise.all([tenants.templates(tenantId), tenants.rules(tenantId)])
  return [
    ...templates.map(({ id }): CoverageQuery => ({ template: id, event: 'pending' })),
    ...rules.map(({ module, event }): CoverageQuery => ({ module, event })),
  ]
}

/** The same reason is told once, however many templates it stands in the way of. */
function merge(found: Map<string, UnreachablePerson>, { uid, name, problems }: Coverage['people'][number]): void {
  const known = found.get(uid)?.problems ?? []
  const fresh = problems.filter(
    ({ channel, reason }) => !known.some((each) => each.channel === channel && each.reason === reason),
  )
  found.set(uid, {
    uid,
    name,
    problems: [...known, ...fresh.map(({ channel, reason, code }) => ({ channel, reason, code }))],
  })
}
