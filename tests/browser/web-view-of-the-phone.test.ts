import { describe, expect, it } from 'vitest'
import { cardOf, phoneOf, see, seeNoMore, useStage, viewOf } from '../_browser.ts'
import { ways, words } from './_words.ts'

/* From the card into the H5 app and back, all on one phone. */

const stage = useStage()
const longStatement = Array.from({ length: 60 }, (_, index) => `update orders set note = null where id = ${index};`)

describe.each(ways)('on the phone, in $language', ({ language, approver, name, other }) => {
  const say = words[language]

  it('Review opens a high-risk ticket; all of it is read, confirmed twice, and the card in the chat turns', async () => {
    const page = await stage.phones(approver, { second: other })
    const phone = phoneOf(page, approver)
    const ticket = await stage.world.api.submit({
      title: `Drop a column ${language}`,
      risk: 'high',
      executesOnApproval: true,
      code: [{ language: 'sql', title: 'Statement', text: longStatement.join('\n') }],
      nodes: [{ name: 'DBA', approvers: [approver, other] }],
    })
    const card = cardOf(phone, ticket.title)
    expect(await card.getByRole('button', { name: say.card.approve, exact: true }).count()).toBe(0)
    await card.getByRole('button', { name: say.card.review }).click()
    const view = viewOf(phone)
    await see(view.getByRole('heading', { level: 1, name: ticket.title }))
    await see(view.getByText(say.readFirst))
    await stage.shot(page, `${language}-review`)

    const approve = view.getByRole('button', { name: say.approve, exact: true })
    expect(await approve.getAttribute('aria-disabled')).toBe('true')
    await view.getByRole('button', { name: say.readFirstAction }).click()
    await seeNoMore(view.getByText(say.readFirst))
    await approve.click()
    const first = view.getByRole('dialog', { name: say.approveTitle })
    await see(first.getByText(say.runsAtOnce))
    await first.getByRole('button', { name: say.continue }).click()
    const second = view.getByRole('dialog', { name: say.approveAgainTitle })
    await see(second)
    expect((await stage.world.api.get(ticket.id)).status).toBe('pending')
    await stage.shot(page, `${language}-second-confirmation`)
    await second.getByRole('button', { name: say.approveNow }).click()
    await see(view.getByText(say.doneApproved))
    await stage.shot(page, `${language}-approved`)

    await phone.locator('.web-view').getByRole('button', { name: 'Close' }).click()
    await see(card.getByText(say.approvedBy(name)))
    await see(cardOf(phoneOf(page, other), ticket.title).getByText(say.approvedBy(name)))
    await stage.shot(page, `${language}-card-turned`)
    expect((await stage.world.api.get(ticket.id)).history.at(-1)).toMatchObject({ actor: approver, via: 'h5' })
  })

  it('Open ticket on a low-risk card leads to the same ticket, where it can be rejected', async () => {
    const page = await stage.phones(approver)
    const phone = phoneOf(page, approver)
    const ticket = await stage.world.api.submit({
      title: `Read access ${language}`,
      nodes: [{ name: 'Owner', approvers: [approver] }],
    })
    const card = cardOf(phone, ticket.title)
    await card.getByRole('button', { name: say.card.open }).click()
    const view = viewOf(phone)
    await view.getByRole('button', { name: say.reject, exact: true }).click()
    const sheet = view.getByRole('dialog', { name: say.rejectTitle })
    await sheet.getByRole('textbox').fill('Too wide')
    await sheet.getByRole('button', { name: say.rejectNow }).click()
    await see(view.getByText(say.doneRejected))
    await phone.locator('.web-view').getByRole('button', { name: 'Close' }).click()
    await see(card.getByText(say.rejectedBy(name)))
    await see(card.getByText('Too wide'))
  })
})
