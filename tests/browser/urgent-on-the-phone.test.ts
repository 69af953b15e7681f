import { expect, it } from 'vitest'
import { become, cardOf, phoneOf, see, seeNoMore, useStage } from '../_browser.ts'

/* The last step of a reminder ladder, on the phone of who has not decided. */

const hour = 3_600_000
let ahead = 0
const stage = useStage({
  now: () => Date.now() + ahead,
  change(file) {
    for (const tenant of file.tenants) tenant.reminders = [{ after: 'PT2H', buzz: true }]
  },
})

it('an urgent reminder stands at the card until the person has seen it', async () => {
  const page = await stage.phones('alice')
  const phone = phoneOf(page, 'alice')
  const ticket = await stage.world.api.submit({ title: 'Read access to invoices' })
  await see(cardOf(phone, ticket.title))
  ahead += 2 * hour
  await stage.world.drain()
  const mark = phone.locator('.buzz').filter({ hasText: 'Urgent' })
  await see(mark)
  await stage.shot(page, 'urgent')
  await mark.getByRole('button', { name: 'Got it' }).click()
  await seeNoMore(mark.getByRole('button', { name: 'Got it' }))
  await become(() => stage.world.card('alice', ticket).buzzRead, true)
  expect(stage.world.sandbox.chat('alice')).toHaveLength(1)
})
