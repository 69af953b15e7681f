import { describe, expect, it } from 'vitest'
import { type RouteName, routes } from './routes.ts'
import { roles } from './vocabulary.ts'
import { rolesMay, type WhoMay, whoMay } from './who-may.ts'

describe('who may call an endpoint', () => {
  it('is told by roles where roles decide', () => {
    expect(rolesMay(['dba'], 'listTexts')).toBe(true)
    expect(rolesMay(['user', 'security_admin'], 'listAudit')).toBe(true)
    expect(rolesMay(['user', 'dba'], 'createPerson')).toBe(false)
    expect(rolesMay([], 'createPerson')).toBe(false)
    expect(rolesMay([], 'listMyTickets')).toBe(true)
  })

  it('is never everybody for what is said of the whole tenant', () => {
    const open = (Object.keys(whoMay) as RouteName[]).filter((name) => {
      const may: WhoMay = whoMay[name]
      return may.by === 'session' && may.roles === 'everybody' && routes[name].path.startsWith('/api/app/console/')
    })
    // Approvers decide at their desks, too.
    expect(open).toEqual(['decideInConsole'])
  })

  it('names no role that there is not, and none twice', () => {
    for (const may of Object.values<WhoMay>(whoMay)) {
      const named = may.by === 'session' && may.roles !== 'everybody' ? may.roles : []
      expect(roles).toEqual(expect.arrayContaining([...named]))
      expect(new Set(named).size).toBe(named.length)
    }
  })
})
