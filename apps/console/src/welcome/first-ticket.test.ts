import { SubmitTicket } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { firstTicket } from './first-ticket.ts'

const bodyOf = (command: string): unknown => JSON.parse(/-d '(.*)'$/s.exec(command)?.[1] ?? '')

describe('the command of a first ticket', () => {
  it('goes to this host, and its body is one that the API takes', () => {
    const command = firstTicket('https://approve.example.com', { submitter: 'admin', approver: 'bob' })
    expect(command).toContain('curl -X POST https://approve.example.com/api/v1/tickets')
    expect(SubmitTicket.parse(bodyOf(command))).toMatchObject({ submitter: 'admin', nodes: [{ approvers: ['bob'] }] })
  })

  it('says what is to be put in where there is no colleague yet', () => {
    expect(firstTicket('http://localhost:8080', { submitter: 'admin', approver: null })).toContain('UID_OF_A_COLLEAGUE')
  })
})
