import type { Locator } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { become, cardOf, phoneOf, see, seeNoMore, useStage } from '../_browser.ts'
import { ways, words } from './_words.ts'

/* The main job as approvers see it: the card comes by itself, one tap decides, every phone shows what became of it. */

const stage = useStage()

describe.each(ways)('on a phone in $language', ({ language, platform, approver, name, other, otherName }) => {
  const say = words[language]
  const button = (card: Locator, label: string): Locator => card.getByRole('button', { name: label, exact: true })
  const title = (text: string) => (language === 'en' ? text : `${text}（申请）`)

  it('a card comes by itself, one tap approves it, and the other approver sees who did', async () => {
    const page = await stage.phones(approver, { second: other })
    const [mine, theirs] = [phoneOf(page, approver), phoneOf(page, other)]
    const ticket = await stage.world.api.submit({
      title: title('Read access to invoices'),
      description: language === 'en' ? 'For the audit in November.' : '十一月审计使用。',
      fields: [{ label: language === 'en' ? 'Database' : '数据库', value: 'invoices@prod' }],
      nodes: [{ name: 'Owner', approvers: [approver, other] }],
    })
    const card = cardOf(mine, ticket.title)
    await see(button(card, say.card.approve))
    await see(button(cardOf(theirs, ticket.title), say.card.approve))
    await stage.shot(page, `${language}-card`)

    await button(card, say.card.approve).click()
    await see(mine.locator('.toast[data-type="success"]').getByText(say.toastApproved))
    await see(card.getByText(say.approvedBy(name)))
    await see(cardOf(theirs, ticket.title).getByText(say.approvedBy(name)))
    for (const label of [say.card.approve, say.card.reject]) {
      expect(await button(card, label).count()).toBe(0)
      expect(await button(cardOf(theirs, ticket.title), label).count()).toBe(0)
    }
    await stage.shot(page, `${language}-approved`)
    expect((await stage.world.api.get(ticket.id)).history.at(-1)).toMatchObject({
      actor: approver,
      action: 'approve',
      via: `card:${platform}`,
    })
  })

  it('medium risk asks first and says what will happen; whoever cancels has decided nothing', async () => {
    const page = await stage.phones(approver)
    const phone = phoneOf(page, approver)
    const ticket = await stage.world.api.submit({
      title: title('Correct doubled refunds'),
      risk: 'medium',
      executesOnApproval: true,
      nodes: [{ name: 'Owner', approvers: [approver] }],
    })
    const card = cardOf(phone, ticket.title)
    await button(card, say.card.approve).click()
    const question = phone.getByRole('alertdialog')
    await see(question.getByText(say.willRun))
    await stage.shot(page, `${language}-confirmation`)
    await question.getByRole('button', { name: 'Cancel' }).click()
    await seeNoMore(question)
    expect((await stage.world.api.get(ticket.id)).status).toBe('pending')

    await button(card, say.card.approve).click()
    await question.getByRole('button', { name: 'OK' }).click()
    await see(phone.locator('.toast[data-type="success"]'))
    await see(card.getByText(say.approvedBy(name)))
  })

  it('a rejection needs a reason, which everybody then reads on their card', async () => {
    const page = await stage.phones(approver, { second: other })
    const [mine, theirs] = [phoneOf(page, approver), phoneOf(page, other)]
    const ticket = await stage.world.api.submit({
      title: title('Export of all customers'),
      nodes: [{ name: 'Owner', approvers: [approver, other] }],
    })
    const card = cardOf(mine, ticket.title)
    await button(card, say.card.reject).click()
    await see(card.getByRole('alert'))
    expect((await stage.world.api.get(ticket.id)).status).toBe('pending')

    const reason = language === 'en' ? 'Name the columns, please' : '请写明需要哪些列'
    await card.getByRole('textbox', { name: say.card.reason }).fill(reason)
    await stage.shot(page, `${language}-reason`)
    await button(card, say.card.reject).click()
    await see(mine.locator('.toast[data-type="success"]').getByText(say.toastRejected))
    for (const seen of [card, cardOf(theirs, ticket.title)]) {
      await see(seen.getByText(say.rejectedBy(name)))
      await see(seen.getByText(reason))
    }
    await stage.shot(page, `${language}-rejected`)
  })

  it('of two who tap at the same moment one has decided, and the other is told who', async () => {
    const page = await stage.phones(approver, { second: other })
    const phones = [phoneOf(page, approver), phoneOf(page, other)]
    const ticket = await stage.world.api.submit({
      title: title('Index on orders'),
      nodes: [{ name: 'Owner', approvers: [approver, other] }],
    })
    const buttons = phones.map((phone) => button(cardOf(phone, ticket.title), say.card.approve))
    for (const one of buttons) await see(one)
    // Two taps by hand would never meet; both buttons are pressed in one turn of the page.
    const marks = ['first', 'second']
    for (const [index, one] of buttons.entries()) {
      await one.evaluate((element, mark) => element.setAttribute('data-race', mark), marks[index] ?? '')
    }
    await page.evaluate(`for (const element of document.querySelectorAll('[data-race]')) element.click()`)

    await see(page.locator('.toast[data-type="success"]').getByText(say.toastApproved))
    const decided = await stage.world.api.get(ticket.id)
    expect(decided.history.filter(({ action }) => action === 'approve')).toHaveLength(1)
    const winner = decided.history.at(-1)?.actor === approver ? name : otherName
    const loser = phones[winner === name ? 1 : 0]
    if (loser === undefined) throw new Error('two phones were opened')
    await see(loser.locator('.toast').getByText(say.toastLate(winner)))
    expect(await loser.locator('.toast').getAttribute('data-type')).not.toBe('success')
    for (const phone of phones) await see(cardOf(phone, ticket.title).getByText(say.approvedBy(winner)))
    await stage.shot(page, `${language}-race`)
    await become(
      () => button(page.locator('.lark-card').filter({ hasText: ticket.title }), say.card.approve).count(),
      0,
    )
  })
})

it('a card that comes while the phone is still being opened is shown, though an older answer arrives after it', async () => {
  const page = await stage.deskBrowser({ width: 960 })
  const { promise: isThere, resolve: arrived } = Promise.withResolvers<void>()
  let answers = 0
  // The first look into the chat is answered from before the card, and only once the card is there.
  await page.route('**/_sandbox/**/chat*', async (route) => {
    answers += 1
    if (answers > 1) return route.continue()
    const response = await route.fetch()
    await isThere
    return route.fulfill({ response })
  })
  await page.goto(`${stage.world.sandbox.url}/?person=dan`)
  await become(() => answers > 0, true)
  const ticket = await stage.world.api.submit({
    title: 'Comes early',
    nodes: [{ name: 'Owner', approvers: ['dan'] }],
  })
  await stage.world.drain()
  arrived()
  await see(cardOf(phoneOf(page, 'dan'), ticket.title))
})
