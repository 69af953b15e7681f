import { createServer } from 'node:http'
import * as lark from '@larksuiteoapi/node-sdk'
import express from 'express'
import { z } from 'zod'
import { callbackPath, app as larkApp, nameOf, ticketOf } from '../world/tenant.ts'
import { answerParent } from './answering.ts'
import { listenAnywhere } from './listening.ts'

/*
 * What one writes on an afternoon: the official SDK's Express adapter, which verifies and decrypts, and a handler that
 * keeps tickets in memory and answers with a toast and the new card. Nothing survives a restart.
 */

const Action = z.object({
  operator: z.object({ open_id: z.string() }),
  action: z.object({ value: z.object({ ticketId: z.string(), action: z.enum(['approve', 'reject']) }) }),
})
interface Decision {
  by: string
  action: 'approve' | 'reject'
  at: number
}
const decisions = new Map<string, Decision>()

const dispatcher = new lark.EventDispatcher({
  encryptKey: larkApp.encryptKey,
  verificationToken: larkApp.verificationToken,
  loggerLevel: lark.LoggerLevel.error,
})
dispatcher.register({
  'card.action.trigger': (event: unknown) => {
    const { operator, action } = Action.parse(event)
    const { ticketId, action: wanted } = action.value
    const decision: Decision = { by: operator.open_id, action: wanted, at: Date.now() }
    decisions.set(ticketId, decision)
    return { toast: { type: 'success', content: 'Approved' }, card: { type: 'raw', data: card(decision) } }
  },
})

const ticket = ticketOf(0)

/** About as much card as ours. */
function card({ by, action, at }: Decision): object {
  const markdown = (content: string) => ({ tag: 'markdown', content })
  return {
    schema: '2.0',
    config: { update_multi: true },
    header: { title: { tag: 'plain_text', content: ticket.title }, template: action === 'approve' ? 'green' : 'red' },
    body: {
      elements: [
        markdown(`**Submitter** ${nameOf(ticket.submitter)}`),
        ...ticket.fields.map(({ label, value }) => markdown(`**${label}** ${value}`)),
        ...ticket.code.map(({ language, text }) => markdown(`\`\`\`${language}\n${text}\n\`\`\``)),
        markdown(ticket.description),
        markdown(`${action} by ${by} at ${new Date(at).toISOString()}`),
      ],
    },
  }
}

const app = express()
app.post(callbackPath, express.json(), lark.adaptExpress(dispatcher, { autoChallenge: true }))
const port = await listenAnywhere(createServer(app))
answerParent({ port: () => port })
