import { SubmitTicket } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { newTicket } from './_flow.ts'
import { change } from './lifecycle.ts'
import type { PeopleDirectory, Template, Transaction, User } from './ports.ts'
import { planSubmission } from './submission.ts'
import type { Ticket } from './ticket.ts'

const person = (uid: string, disabled = false): User => ({
  tenantId: 'acme',
  uid,
  name: uid,
  roles: ['user'],
  locale: null,
  timeZone: null,
  disabled,
})
const people = [person('alice'), person('bob'), person('carol'), person('gone', true)]

function directoryWith(nodes: Template['nodes']): PeopleDirectory {
  const template: Template = {
    id: 'standard',
    module: 'perm_apply',
    nodes,
    risk: null,
    surfaces: null,
    rejectWhenQuorumImpossible: false,
    reminders: null,
  }
  return {
    user: async (_tenant, uid) => people.find((one) => one.uid === uid) ?? null,
    users: async (_tenant, uids) =>
      new Map(people.filter(({ uid }) => uids.includes(uid)).map((one) => [one.uid, one])),
    submissionRules: async () => ({ allowsSelfApproval: false, reminders: [] }),
    template: async () => template,
    defaultTemplate: async () => template,
  }
}

describe('a template whose approvers have left', () => {
  const input = SubmitTicket.parse({ module: 'perm_apply', title: 'Read access', submitter: 'bob' })

  it('asks those who are still there: all means all of them', async () => {
    const directory = directoryWith([{ name: 'Owners', approvers: ['alice', 'gone', 'never-here'], rule: 'all' }])
    const { nodes } = await planSubmission(input, 'acme', directory)
    expect(nodes).toMatchObject([{ approvers: ['alice'] }])
  })
  it('is refused where nobody is left, or too few for the quorum', async () => {
    const none = directoryWith([{ name: 'Owner', approvers: ['gone'], rule: 'any' }])
    await expect(planSubmission(input, 'acme', none)).rejects.toMatchObject({ errors: [{ path: 'nodes' }] })
    const few = directoryWith([{ name: 'Two', approvers: ['alice', 'gone'], rule: { quorum: 2 } }])
    await expect(planSubmission(input, 'acme', few)).rejects.toMatchObject({ errors: [{ path: 'nodes' }] })
  })
})

it('a ticket can be changed though somebody in cc was disabled since', async () => {
  const ticket = newTicket({ nodes: [{ approvers: ['alice'] }], cc: ['gone'] })
  const saved: Ticket[] = []
  const tx = {
    tickets: {
      lock: async () => ticket,
      save: async (_before: Ticket, after: Ticket) => void saved.push(after),
      appendHistory: async () => undefined,
    },
    directory: directoryWith([]),
    notices: { refreshCards: async () => undefined, announce: async () => undefined },
    audit: { append: async () => undefined },
  } as unknown as Transaction
  const act = { tenantId: 'acme', ticketId: 't1', actor: 'bob', via: 'api', at: 2_000 } as const
  await change(tx, { ...act, change: { title: 'Another title' } })
  expect(saved).toMatchObject([{ cc: ['gone'], content: { title: 'Another title' } }])
  const named = change(tx, { ...act, change: { cc: ['carol', 'gone'] } })
  await expect(named).rejects.toMatchObject({ errors: [{ path: 'cc.1' }] })
})
