import type { Locator } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { become, cardOf, phoneOf, see, useStage, viewOf } from '../_browser.ts'
import { words } from './_words.ts'

/* A person's whole way in DingTalk: the card in the chat, the robot, the web view; and Lark beside it. */

const stage = useStage({ dingtalk: 'http' })
const ways = [
  { edition: 'dingtalk', language: 'zh-CN', approver: 'wang', name: '王海燕' },
  { edition: 'dingtalk', language: 'en', approver: 'grace', name: 'Grace Lim' },
  { edition: 'dingtalkExclusive', language: 'zh-CN', approver: 'sun', name: '孙立' },
  { edition: 'dingtalkExclusive', language: 'en', approver: 'maya', name: 'Maya Putri' },
] as const
const speech = {
  en: { box: 'Message', approve: 'approve', done: 'Approved. The ticket is now approved.' },
  'zh-CN': { box: '发送消息', approve: '同意', done: '已同意，工单审批通过。' },
} as const

const dingtalkCardOf = (phone: Locator, title: string): Locator =>
  phone.locator('.dingtalk-card').filter({ hasText: title })

describe.each(ways)('in $edition, in $language', ({ edition, language, approver, name }) => {
  const say = words[language]
  const submit = (title: string, more: object = {}) =>
    stage.world.api.submit({ title, nodes: [{ name: 'Owner', approvers: [approver, 'alice'] }], ...more })
  const last = async ({ id }: { id: string }) => (await stage.world.api.get(id)).history.at(-1)

  it('one tap approves, and the card in Lark turns beside it', async () => {
    const ticket = await submit(`Read access ${edition} ${language}`)
    const page = await stage.phones(approver, { second: 'alice' })
    const card = dingtalkCardOf(phoneOf(page, approver), ticket.title)
    await see(card)
    await stage.shot(page, `${edition}-${language}-asked`)
    await card.getByRole('button', { name: say.card.approve, exact: true }).click()
    await become(
      () => last(ticket),
      expect.objectContaining({ action: 'approve', actor: approver, via: `card:${edition}` }),
    )
    await see(card.getByText(say.approvedBy(name)))
    await see(cardOf(phoneOf(page, 'alice'), ticket.title).getByText(words.en.approvedBy(name)))
    expect(await card.getByRole('button', { name: say.card.approve, exact: true }).count()).toBe(0)
    await stage.shot(page, `${edition}-${language}-approved`)
  })

  it('rejecting takes a reason, which everybody reads', async () => {
    const ticket = await submit(`To be rejected ${edition} ${language}`)
    const page = await stage.phones(approver)
    const card = dingtalkCardOf(phoneOf(page, approver), ticket.title)
    await card.getByRole('button', { name: say.card.reject, exact: true }).click()
    expect((await stage.world.api.get(ticket.id)).status).toBe('pending')
    await card.getByRole('textbox').fill('Not before the audit')
    await card.getByRole('button', { name: say.card.reject, exact: true }).click()
    await become(() => last(ticket), expect.objectContaining({ action: 'reject', comment: 'Not before the audit' }))
    await see(card.getByText(say.rejectedBy(name)))
    await stage.shot(page, `${edition}-${language}-rejected`)
  })

  it('high risk leads to the H5 app, in which the person is known', async () => {
    const ticket = await submit(`Drop a table ${edition} ${language}`, { risk: 'high' })
    const page = await stage.phones(approver)
    const phone = phoneOf(page, approver)
    const card = dingtalkCardOf(phone, ticket.title)
    await see(card)
    expect(await card.getByRole('button', { name: say.card.approve, exact: true }).count()).toBe(0)
    await card.getByRole('button', { name: say.card.review }).click()
    await see(viewOf(phone).getByRole('heading', { level: 1, name: ticket.title }))
    await stage.shot(page, `${edition}-${language}-review`)
  })

  it('a word to the robot decides', async () => {
    const ticket = await submit(`By a word ${edition} ${language}`)
    const page = await stage.phones(approver)
    const phone = phoneOf(page, approver)
    await see(dingtalkCardOf(phone, ticket.title))
    const box = phone.getByRole('textbox', { name: speech[language].box })
    await box.fill(`${speech[language].approve} ${ticket.number}`)
    await box.press('Enter')
    await see(phone.getByText(speech[language].done))
    expect(await last(ticket)).toMatchObject({ action: 'approve', via: `chatbot:${edition}` })
    await stage.shot(page, `${edition}-${language}-word`)
  })
})
