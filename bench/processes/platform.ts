import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { emailOf, openIdOf, people } from '../world/tenant.ts'
import { answerParent } from './answering.ts'
import { listenAnywhere } from './listening.ts'

/*
 * The least that a server needs of Lark: token, look-up, send, update. The sandbox is strict and keeps everything; here
 * the platform must cost next to nothing, or take a call and never answer.
 */

let hangs = false
let calls = 0
const openIds = new Map(people.map((uid) => [emailOf(uid), openIdOf(uid)]))
const LookUp = z.object({ emails: z.array(z.string()).default([]) })

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  calls += 1
  const body = await text(req)
  if (hangs) return
  const path = req.url ?? ''
  const reply = (fields: object): void => {
    res.setHeader('content-type', 'application/json')
    res.end(JSON.stringify({ code: 0, msg: 'success', ...fields }))
  }
  if (path.startsWith('/open-apis/auth/v3/')) reply({ tenant_access_token: 't-bench', expire: 7_200 })
  else if (path.startsWith('/open-apis/contact/v3/users/batch_get_id')) {
    const { emails } = LookUp.parse(JSON.parse(body))
    reply({ data: { user_list: emails.map((email) => ({ email, user_id: openIds.get(email) })) } })
  } else if (req.method === 'PATCH') reply({ data: {} })
  else reply({ data: { message_id: `om_${calls}` } })
}

const server = createServer((req, res) => void answer(req, res))
const port = await listenAnywhere(server)
answerParent({
  port: () => port,
  hang: () => {
    hangs = true
  },
  calls: () => calls,
})
