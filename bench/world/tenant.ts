import { createHash } from 'node:crypto'
import type { ProvisioningFile, SubmitTicket } from '@countersign/contracts'

/* The tenant on which everything is measured: its app, its people and the ticket they decide, over and over. */

export const tenantId = 'bench'
export const app = {
  appId: 'cli_00000000000000b1',
  appSecret: 'app-secret-of-the-bench',
  encryptKey: 'encrypt-key-of-the-bench',
  verificationToken: 'verification-token-of-the-bench',
} as const
export const apiKey = 'csk_bench_0123456789abcdef'
/** Fixed, so that the seeding process and the measured server sign and seal alike. */
export const secretKey = Buffer.alloc(32, 'bench').toString('base64')
export const callbackPath = `/callbacks/lark/${app.appId}`

export const approvers = Array.from({ length: 50 }, (_, n) => `approver-${n}`)
export const submitters = Array.from({ length: 10 }, (_, n) => `submitter-${n}`)
/** Everybody who gets cards. */
export const people = [...approvers, ...submitters]

export const nameOf = (uid: string): string => uid.replace('-', ' ').replace(/^./, (letter) => letter.toUpperCase())
export const emailOf = (uid: string): string => `${uid}@bench.test`
/** As the stand-in platform names people: shape and length as on Lark. */
export const openIdOf = (uid: string): string => `ou_${createHash('sha256').update(uid).digest('hex').slice(0, 31)}`

/** A Lark channel at the given address, and the people above bound to it. */
export function provisioning(larkUrl: string): ProvisioningFile {
  const users = people.map((uid) => ({
    uid,
    name: nameOf(uid),
    // The first approver may open every page of the console.
    roles: [uid === approvers[0] ? ('admin' as const) : ('user' as const)],
    disabled: false,
    locale: 'en' as const,
    email: emailOf(uid),
    channels: { lark: { email: emailOf(uid) } },
  }))
  return {
    tenants: [
      {
        id: tenantId,
        name: 'Bench',
        locale: 'en',
        timeZone: 'Asia/Singapore',
        allowSelfApproval: false,
        coverageReport: false,
        channels: {
          lark: { enabled: true, ...app, connection: 'http', openUrl: larkUrl, accountsUrl: larkUrl },
        },
        users,
        apiKeys: [{ name: 'bench', key: apiKey, scopes: ['tickets:read', 'tickets:write'] }],
        approvalTemplates: [],
        notificationRules: [],
      },
    ],
  }
}

const sql = `select order_id, customer_id, region, total_amount, currency, created_at
from orders
where created_at >= '2026-07-01' and created_at < '2026-10-01' and region in ('sg', 'my', 'id')
order by created_at`

/** An everyday ticket: one step, two people of whom either may decide, some facts and a statement. */
export function ticketOf(n: number): SubmitTicket {
  const [first, second] = approversOf(n)
  return {
    module: 'data_export',
    title: `Export orders of the third quarter, part ${n}`,
    description: 'The regional finance team reconciles refunds against orders and needs the raw rows of the quarter.',
    submitter: submitters[n % submitters.length] ?? '',
    risk: 'low',
    fields: [
      { label: 'Database', value: 'orders@production' },
      { label: 'Rows', value: '182,340' },
      { label: 'Kept until', value: '2026-12-31' },
    ],
    code: [{ language: 'sql', title: 'Statement', text: sql }],
    attachments: [],
    cc: [],
    executesOnApproval: true,
    nodes: [{ name: 'Data owner', approvers: [first, second], rule: 'any' }],
  }
}

/** The two people asked about the n-th ticket; the first of them is the one who taps. */
export function approversOf(n: number): [string, string] {
  const at = (index: number): string => approvers[index % approvers.length] ?? ''
  return [at(n), at(n + 1)]
}
