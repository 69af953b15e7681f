/** The first ticket, as one types it into a terminal: `approver` is a colleague, where there is one already. */
export function firstTicket(
  publicUrl: string,
  { submitter, approver }: { submitter: string; approver: string | null },
): string {
  const ticket = {
    module: 'perm_apply',
    title: 'Read access to invoices',
    submitter,
    risk: 'low',
    nodes: [{ name: 'Owner', approvers: [approver ?? 'UID_OF_A_COLLEAGUE'] }],
  }
  // A uid has no quote in it, so nothing ends the quoted text early.
  return [
    `curl -X POST ${publicUrl}/api/v1/tickets \\`,
    `  -H 'Authorization: Bearer YOUR_API_KEY' \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '${JSON.stringify(ticket)}'`,
  ].join('\n')
}
