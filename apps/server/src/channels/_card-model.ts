import type { ButtonValue, CardModel } from './channel.ts'

/* Cards as tests need them. */

const button = (action: ButtonValue['action']): ButtonValue => ({
  ticketId: '0192f0a4-7b1c-7c3e-9d55-1f0c2f6a9e01',
  node: 0,
  action,
  contentHash: `sha256:${'9f86d081'.repeat(8)}`,
  proof: 'qL0kq3V8Zr0mC1z6n6x9yYH7o4yQm8c1n2b3v4c5x6z',
})

/** A pending ticket of low risk, waiting for its reader; change what the test is about. */
export function cardModel(changes: Partial<CardModel> = {}): CardModel {
  return {
    event: 'pending',
    locale: 'en',
    timeZone: 'Asia/Singapore',
    ticketId: '0192f0a4-7b1c-7c3e-9d55-1f0c2f6a9e01',
    number: 1042,
    title: 'Export orders of the third quarter',
    module: 'data_export',
    risk: 'low',
    status: 'pending',
    submitter: 'Bob Tan',
    createdAt: Date.UTC(2026, 10, 21, 6, 5),
    dueAt: Date.UTC(2026, 10, 23, 10, 0),
    description: 'Finance needs the orders for the audit.',
    fields: [
      { label: 'Database', value: 'orders@prod' },
      { label: 'Rows', value: '12,000' },
      { label: 'Why now', value: 'The auditors are in the house from Monday, and they want to see every order.' },
    ],
    code: [
      { language: 'sql', title: 'Statement', text: "select id, total\nfrom orders\nwhere placed_at >= '2026-07-01'" },
    ],
    attachments: 2,
    executesOnApproval: true,
    nodes: [
      {
        name: 'Owner',
        rule: 'any',
        status: 'pending',
        approvers: [
          { name: 'Alice', decision: null },
          { name: 'Carol', decision: null },
        ],
      },
      { name: 'DBA', rule: 'any', status: 'waiting', approvers: [{ name: 'Dan', decision: null }] },
    ],
    outcome: null,
    mine: null,
    decision: 'tap',
    approve: button('approve'),
    reject: button('reject'),
    link: 'https://approve.example.com/console/mobile/index/?t=acme&c=lark&ticket=0192f0a4-7b1c-7c3e-9d55-1f0c2f6a9e01',
    ...changes,
  }
}

/** The same ticket once it is approved. */
export function approvedCardModel(changes: Partial<CardModel> = {}): CardModel {
  return cardModel({
    event: 'approved',
    status: 'approved',
    decision: 'none',
    nodes: [
      { name: 'Owner', rule: 'any', status: 'approved', approvers: [{ name: 'Alice', decision: 'approve' }] },
      { name: 'DBA', rule: 'any', status: 'approved', approvers: [{ name: 'Dan', decision: 'approve' }] },
    ],
    outcome: { by: 'Dan', at: Date.UTC(2026, 10, 21, 7, 30), comment: null },
    ...changes,
  })
}
