import type { TicketView } from '@countersign/contracts'
import type { Sandbox } from '@countersign/sandbox'
import { demoApiKey } from './people.ts'
import { anotherTicket, type DemoTicket, demoTickets } from './tickets.ts'

/** Cards go out at the platforms' pace, five a second to one person. */
const cardWithinMs = 60_000

/**
 * Brings the demo's tickets to life the way a week would: submitted over the REST API, decided by taps on real cards in
 * the sandbox. What is there already stays as it is, so it can be called at every start.
 */
export async function seedDemo(host: { url: string; sandbox: Sandbox }): Promise<{ submitted: number }> {
  const created = []
  for (const planned of demoTickets) {
    const { status, ticket } = await submit(host.url, planned.ticket)
    if (status === 201) created.push({ planned, ticket })
  }
  for (const { planned, ticket } of created) await play(host, planned, ticket)
  return { submitted: created.length }
}

/** The button "Submit another ticket". */
export function submitAnother(serverUrl: string): () => Promise<{ text: string }> {
  let count = 0
  return async () => {
    const { ticket } = await submit(serverUrl, anotherTicket(count))
    count += 1
    return { text: `#${ticket.number} ${ticket.title} is on its way to its approvers.` }
  }
}

async function play(
  { url, sandbox }: { url: string; sandbox: Sandbox },
  planned: DemoTicket,
  ticket: TicketView,
): Promise<void> {
  for (const { person, action, reason } of planned.taps ?? []) {
    const card = await sandbox.waitFor(() => cardOf(sandbox, person, ticket), cardWithinMs)
    if (card === undefined) throw new Error(`${person} has no card of #${ticket.number}`)
    const tap = await sandbox.press(person, card.messageId, action, {
      confirm: true,
      ...(reason === undefined ? {} : { formValues: { reason } }),
    })
    // DingTalk says it on the card; Lark and Feishu in a toast.
    if (tap.outcome !== 'answered' || (tap.toast !== undefined && tap.toast.type !== 'success'))
      throw new Error(`${person} could not ${action} #${ticket.number}: ${tap.toast?.content ?? tap.outcome}`)
  }
  if (planned.withdraw !== undefined) {
    await call(url, 'POST', `/api/v1/tickets/${ticket.id}/withdraw`, { comment: planned.withdraw })
  }
}

function cardOf(sandbox: Sandbox, person: string, ticket: TicketView) {
  return sandbox.chat(person).findLast((message) => JSON.stringify(message.card ?? '').includes(ticket.id))
}

async function submit(url: string, body: unknown): Promise<{ status: number; ticket: TicketView }> {
  const { status, answer } = await call(url, 'POST', '/api/v1/tickets', body)
  return { status, ticket: answer as TicketView }
}

async function call(
  url: string,
  method: string,
  path: string,
  body: unknown,
): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${demoApiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${JSON.stringify(answer)}`)
  return { status: response.status, answer }
}
