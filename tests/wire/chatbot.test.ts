import type { TicketView } from '@countersign/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { apps, startWorld, type World } from '../_world.ts'

/* People write to the bot, in private and in groups, and the decision is the same as by a tap. */

let world: World
let clock = Date.now()
beforeAll(async () => {
  world = await startWorld({ now: () => clock })
})
afterAll(() => world[Symbol.asyncDispose]())

/** What the bot has said to this person in words, oldest first. */
function answers(uid: string): string[] {
  const texts = world.sandbox.chat(uid).filter(({ from, msgType }) => from === 'bot' && msgType === 'text')
  return texts.map(({ content }) => JSON.parse(content).text)
}

/** Writes to the bot and returns its one answer. */
async function ask(uid: string, text: string): Promise<string> {
  const before = answers(uid).length
  const { event } = await world.sandbox.say(uid, text)
  expect(event.attempts.map(({ answer }) => answer.status)).toEqual([200])
  await world.drain()
  const given = answers(uid).slice(before)
  expect(given).toHaveLength(1)
  return given[0] ?? ''
}

const submit = async (ticket: Parameters<World['api']['submit']>[0] = {}): Promise<TicketView> => {
  const submitted = await world.api.submit(ticket)
  await world.drain()
  return submitted
}
const last = async ({ id }: TicketView) => (await world.api.get(id)).history.at(-1)
const statusOf = async ({ id }: TicketView): Promise<string> => (await world.api.get(id)).status
const forChen = { nodes: [{ name: '负责人', approvers: ['chen'], rule: 'any' as const }] }

describe('a low-risk ticket', () => {
  it('is approved by a word, and every card of it turns', async () => {
    const ticket = await submit({ title: 'Read access to invoices' })
    const said = await ask('alice', `approve ${ticket.number}`)
    expect(said).toContain(`#${ticket.number} Read access to invoices`)
    expect(said).toContain('Approved. The ticket is now approved.')
    expect(await last(ticket)).toMatchObject({ action: 'approve', actor: 'alice', via: 'chatbot:lark', comment: null })
    expect(JSON.stringify(world.card('alice', ticket).card)).not.toContain('"type":"callback"')
  })

  it('is approved in Chinese on Feishu, with full-width digits', async () => {
    const ticket = await submit({ title: '读取发票', ...forChen })
    const wide = String(ticket.number).replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))
    expect(await ask('chen', `同意 ＃${wide}`)).toContain('已同意，工单审批通过。')
    expect(await last(ticket)).toMatchObject({ action: 'approve', actor: 'chen', via: 'chatbot:feishu' })
  })

  it('is rejected with the reason, which the history keeps', async () => {
    const ticket = await submit()
    expect(await ask('alice', `reject ${ticket.number}`)).toContain(`reject ${ticket.number} …`)
    expect(await statusOf(ticket)).toBe('pending')
    expect(await ask('alice', `reject #${ticket.number} Too wide`)).toContain('Rejected.')
    expect(await last(ticket)).toMatchObject({ action: 'reject', comment: 'Too wide', via: 'chatbot:lark' })
  })

  it('is rejected in Chinese without a space', async () => {
    const ticket = await submit(forChen)
    expect(await ask('chen', `拒绝${ticket.number}，范围太大`)).toContain('已拒绝')
    expect(await last(ticket)).toMatchObject({ action: 'reject', comment: '范围太大' })
  })

  it('is not decided twice: the second word is told so', async () => {
    const ticket = await submit()
    await ask('alice', `approve ${ticket.number}`)
    expect(await ask('alice', `reject ${ticket.number} changed my mind`)).toContain('You have already decided')
    expect(await statusOf(ticket)).toBe('approved')
  })

  it('that changed since it came is shown again before a word decides it', async () => {
    const ticket = await submit({ title: 'Old title' })
    await world.api.call('PATCH', `/api/v1/tickets/${ticket.id}`, { title: 'New title' })
    expect(await ask('alice', `approve ${ticket.number}`)).toContain('New title')
    expect(await statusOf(ticket)).toBe('pending')
    expect(await ask('alice', `yes ${ticket.number}`)).toContain('Approved')
  })
})

describe('medium risk', () => {
  it('says what would happen and waits for the confirming word', async () => {
    const ticket = await submit({ risk: 'medium', title: 'Export orders' })
    const question = await ask('alice', `approve ${ticket.number}`)
    expect(question).toContain(`Approve #${ticket.number} Export orders?`)
    expect(question).toContain('Medium risk')
    expect(question).toContain('Nothing is carried out automatically.')
    expect(question).toContain(`“yes ${ticket.number}”`)
    expect(question).toContain(`${world.url}/console/mobile/index/?t=acme&c=lark&ticket=${ticket.id}`)
    expect(await statusOf(ticket)).toBe('pending')
    expect(await ask('alice', `yes ${ticket.number}`)).toContain('Approved. The ticket is now approved.')
    expect(await last(ticket)).toMatchObject({ action: 'approve', via: 'chatbot:lark' })
  })

  it('keeps the reason of a rejection over the confirmation, in Chinese too', async () => {
    const ticket = await submit({ risk: 'medium', ...forChen })
    expect(await ask('chen', `驳回 ${ticket.number} 范围太大`)).toContain(`“确认 ${ticket.number}”`)
    expect(await ask('chen', `确认 ${ticket.number}`)).toContain('已拒绝')
    expect(await last(ticket)).toMatchObject({ action: 'reject', comment: '范围太大' })
  })

  it('takes no confirming word out of the blue, twice, too late, from another person or for a changed ticket', async () => {
    const nodes = [{ name: 'Owner', approvers: ['alice', 'carol'], rule: 'all' as const }]
    const ticket = await submit({ risk: 'medium', nodes })
    const nothing = `There is nothing to confirm for #${ticket.number}`
    expect(await ask('alice', `yes ${ticket.number}`)).toContain(nothing)
    await ask('alice', `approve ${ticket.number}`)
    expect(await ask('carol', `yes ${ticket.number}`)).toContain(nothing)
    clock += 11 * 60_000
    await push(messageEvent('alice', { message_id: 'om_late', content: text(`yes ${ticket.number}`) }))
    await world.drain()
    expect(answers('alice').at(-1)).toContain(nothing)
    clock -= 11 * 60_000
    await ask('alice', `approve ${ticket.number}`)
    await world.api.call('PATCH', `/api/v1/tickets/${ticket.id}`, { title: 'Something else' })
    expect(await ask('alice', `yes ${ticket.number}`)).toContain('The ticket has changed since then.')
    expect((await world.api.get(ticket.id)).history.filter(({ action }) => action === 'approve')).toEqual([])
    await ask('alice', `approve ${ticket.number}`)
    expect(await ask('alice', `yes ${ticket.number}`)).toContain('Your approval is recorded.')
    expect(await ask('alice', `yes ${ticket.number}`)).toContain(nothing)
  })
})

describe('high risk', () => {
  it('is never decided by a word: the answer leads to the H5 app', async () => {
    const ticket = await submit({ risk: 'high' })
    for (const word of ['approve', 'yes', 'approve']) {
      const said = await ask('alice', `${word} ${ticket.number}`)
      expect(said).not.toContain('Approved')
      if (word === 'approve') expect(said).toContain(`ticket=${ticket.id}`)
    }
    expect(await statusOf(ticket)).toBe('pending')
  })

  it('not even where a template lets the chatbot decide', async () => {
    await using own = await startWorld({
      change: ({ tenants: [tenant] }) => {
        for (const template of tenant?.approvalTemplates ?? []) template.surfaces = ['chatbot', 'h5-phone']
      },
    })
    const ticket = await own.api.submit({ risk: 'high', module: 'data_export', template: 'export-default' })
    await own.sandbox.say('alice', `approve ${ticket.number}`)
    await own.drain()
    expect((await own.api.get(ticket.id)).status).toBe('pending')
  })
})

describe('pending and help', () => {
  it('list what waits, in the person’s language', async () => {
    const ticket = await submit({ title: 'Waits for Dan', nodes: [{ name: 'Owner', approvers: ['dan'] }] })
    const list = await ask('dan', 'Pending')
    expect(list).toContain('1 ticket waits for your decision:')
    expect(list).toContain(`#${ticket.number} Waits for Dan · Low risk · Bob Miller`)
    expect(await ask('bob', 'pending')).toBe('No ticket waits for your decision.')
    const other = await submit({ title: '等陈伟', nodes: [{ name: 'DBA', approvers: ['chen'] }] })
    expect(await ask('chen', '待办')).toContain(`#${other.number} 等陈伟`)
  })

  it('answer anything that is no command with what there is to say', async () => {
    for (const text of ['help', 'good morning', 'approve', 'approve everything']) {
      expect(await ask('mallory', text)).toContain('approve 1042')
    }
    expect(await ask('li', '帮助')).toContain('同意 1042')
    expect(await ask('li', 'hello')).toContain('同意 1042')
  })

  it('let no markup or mention through that somebody wrote into a title', async () => {
    const title = 'Fine <at user_id="all">all</at> [here](https://evil.example)'
    await submit({ title, nodes: [{ name: 'Owner', approvers: ['dan'] }] })
    const list = await ask('dan', 'pending')
    expect(list).not.toMatch(/<at|\]\(/)
    expect(list.replaceAll('\u2060', '')).toContain(title)
  })
})

describe('somebody who may not', () => {
  it('is told so: the submitter, a person who is no approver', async () => {
    const ticket = await submit()
    expect(await ask('bob', `approve ${ticket.number}`)).toContain('You are not an approver of this ticket.')
    expect(await statusOf(ticket)).toBe('pending')
  })

  it('learns nothing about a ticket that they may not see, not even that there is one', async () => {
    const ticket = await submit({ title: 'Secret matter' })
    for (const word of ['approve', 'yes']) {
      const hidden = await ask('mallory', `${word} ${ticket.number}`)
      expect(hidden).toBe(await ask('mallory', `${word} 999999`))
      expect(hidden).not.toContain('Secret')
    }
  })

  it('and belongs to nobody here is told how to be bound', async () => {
    const ticket = await submit()
    const said = await ask('stranger', `approve ${ticket.number}`)
    expect(said).toContain('This account is not linked')
    expect(said).toContain('An administrator can add the e-mail address')
    expect(await statusOf(ticket)).toBe('pending')
  })
})

type Body = Record<string, unknown>

function messageEvent(uid: string, message: Body, header: Body = {}): Body {
  return {
    schema: '2.0',
    header: {
      event_id: `ev-${message.message_id}`,
      event_type: 'im.message.receive_v1',
      create_time: String(Date.now()),
      token: apps.lark.verificationToken,
      app_id: apps.lark.appId,
      tenant_key: 'tenant',
      ...header,
    },
    event: {
      sender: { sender_id: { open_id: world.sandbox.openId(uid) }, sender_type: 'user', tenant_key: 'tenant' },
      message: { chat_id: 'oc_1', chat_type: 'p2p', message_type: 'text', ...message },
    },
  }
}
const text = (words: string): string => JSON.stringify({ text: words })

function seal(body: Body, overrides: Body = {}) {
  const timestamp = String(Math.floor(clock / 1_000))
  return world.sandbox.signedCallback(apps.lark.appId, body, { timestamp, ...overrides })
}

async function post({ headers, body }: ReturnType<typeof seal>): Promise<number> {
  const url = `${world.url}/callbacks/lark/${apps.lark.appId}`
  return (await fetch(url, { method: 'POST', headers, body })).status
}

const push = (body: Body, overrides: Body = {}): Promise<number> => post(seal(body, overrides))

describe('a message on the wire', () => {
  it('that is forged is refused, and decides nothing', async () => {
    const ticket = await submit()
    const body = messageEvent('alice', { message_id: 'om_forged', content: text(`approve ${ticket.number}`) })
    expect(await push(body, { signature: 'f'.repeat(64) })).toBe(401)
    expect(await push(body, { encryptKey: 'another key' })).toBe(401)
    expect(await push(body, { plain: true })).toBe(401)
    expect(await push({ ...body, header: { ...(body.header as Body), token: 'wrong' } })).toBe(401)
    expect(await push(body, { timestamp: String(Math.floor(clock / 1_000) - 360) })).toBe(401)
    expect(await statusOf(ticket)).toBe('pending')
  })

  it('delivered again is answered once and decides once, whatever its event id', async () => {
    const nodes = [{ name: 'Owner', approvers: ['alice', 'carol'], rule: 'all' as const }]
    const ticket = await submit({ nodes })
    const before = answers('alice').length
    const content = { message_id: 'om_again', content: text(`approve ${ticket.number}`) }
    expect(await push(messageEvent('alice', content))).toBe(200)
    expect(await push(messageEvent('alice', content))).toBe(200)
    expect(await push(messageEvent('alice', content, { event_id: 'another' }))).toBe(200)
    await world.drain()
    expect(answers('alice').length - before).toBe(1)
    expect((await world.api.get(ticket.id)).history.filter(({ action }) => action === 'approve')).toHaveLength(1)
  })

  it('replayed byte for byte is refused', async () => {
    const body = messageEvent('alice', { message_id: 'om_replayed', content: text('help') })
    const sealed = seal(body)
    expect(await post(sealed)).toBe(200)
    expect(await post(sealed)).toBe(409)
    await world.drain()
  })

  it('by a bot, or with nothing in it to read, harms nobody', async () => {
    const body = messageEvent('alice', { message_id: 'om_bot', content: text('help') })
    const event = body.event as { sender: Body }
    const before = answers('alice').length
    expect(await push({ ...body, event: { ...event, sender: { ...event.sender, sender_type: 'app' } } })).toBe(200)
    await world.drain()
    expect(answers('alice').length).toBe(before)
    const image = { message_id: 'om_image', message_type: 'image', content: '{"image_key":"img"}' }
    expect(await push(messageEvent('alice', image))).toBe(200)
    await world.drain()
    expect(answers('alice').at(-1)).toContain('approve 1042')
  })
})

describe('in a group', () => {
  const mention = (more: Body = {}): Body => ({
    key: '@_user_1',
    id: { open_id: 'ou_bot' },
    name: 'Countersign',
    ...more,
  })
  const said = (id: string, words: string, mentions: Body[]): Body =>
    messageEvent('alice', { message_id: id, chat_type: 'group', chat_id: 'oc_group', content: text(words), mentions })

  it('the bot answers the sender alone, in their own chat', async () => {
    const ticket = await submit({ title: 'Not for the group' })
    expect(await push(said('om_g1', '@_user_1 pending', [mention({ mentioned_type: 'bot' })]))).toBe(200)
    await world.drain()
    expect(answers('alice').at(-1)).toContain(`#${ticket.number} Not for the group`)
    const sends = world.sandbox.wire.filter(({ path }) => path.includes('/im/v1/messages'))
    expect(sends.filter(({ requestBody }) => requestBody.includes('oc_group'))).toEqual([])
    await ask('alice', `approve ${ticket.number}`)
  })

  it('a decision that may have been meant for somebody else is confirmed in private', async () => {
    const ticket = await submit()
    await push(said('om_g2', `@_user_1 approve ${ticket.number}`, [mention({ id: null })]))
    await world.drain()
    expect(await statusOf(ticket)).toBe('pending')
    expect(answers('alice').at(-1)).toContain(`“yes ${ticket.number}”`)
    expect(await ask('alice', `yes ${ticket.number}`)).toContain('Approved')
  })

  it.each([
    ['om_g3', 'as the message says', { mentioned_type: 'bot' }],
    ['om_g7', 'as its id tells', { id: { open_id: 'the bot' } }],
  ])('a decision said to the bot counts (%s: %s)', async (id, _how, more) => {
    const ticket = await submit()
    const botId = { open_id: world.sandbox.app(apps.lark.appId).botOpenId }
    const whom = mention('id' in more ? { id: botId } : more)
    await push(said(id, `@_user_1 approve ${ticket.number}`, [whom]))
    expect(await statusOf(ticket)).toBe('approved')
  })

  it('what is said to others, or to nobody, gets no answer', async () => {
    const ticket = await submit()
    const before = answers('alice').length
    const words = `@_user_1 approve ${ticket.number}`
    await push(said('om_g4', words, []))
    await push(said('om_g5', words, [mention({ mentioned_type: 'user' })]))
    await push(said('om_g8', words, [mention({ id: { open_id: world.sandbox.openId('carol') } })]))
    await push(said('om_g6', `@_user_2 ${words}`, [mention(), mention({ key: '@_user_2' })]))
    await world.drain()
    expect(answers('alice').length).toBe(before)
    expect(await statusOf(ticket)).toBe('pending')
  })
})

describe('when the platform is in trouble', () => {
  it('the decision stands, and the answer comes when the platform is back', async () => {
    const ticket = await submit()
    world.sandbox.faults.set({
      kind: 'server-error',
      platform: 'lark',
      method: 'POST',
      path: '/im/v1/messages',
      times: 1,
    })
    const before = answers('alice').length
    await world.sandbox.say('alice', `approve ${ticket.number}`)
    await world.drain()
    expect(await statusOf(ticket)).toBe('approved')
    expect(answers('alice').length).toBe(before)
    clock += 5_000
    await world.drain()
    expect(answers('alice').at(-1)).toContain('Approved')
  })

  it('a person who was never seen before is told apart later, by the message delivered again', async () => {
    await using own = await startWorld()
    own.sandbox.faults.set({ kind: 'server-error', path: 'batch_get_id', times: 1 })
    const { event } = await own.sandbox.say('carol', 'pending')
    expect(event.state).toBe('retrying')
    await own.sandbox.advance(15_000)
    expect(event.state).toBe('delivered')
    await own.drain()
    const [words] = own.sandbox.chat('carol').filter(({ from }) => from === 'bot')
    expect(words?.content).toContain('No ticket waits')
  })
})
