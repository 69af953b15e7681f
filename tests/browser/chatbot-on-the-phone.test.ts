import { describe, expect, it } from 'vitest'
import { become, cardOf, phoneOf, see, useStage, viewOf } from '../_browser.ts'
import { ways } from './_words.ts'

/* People type to the bot on their phones and read what it says. */

const stage = useStage()

const speech = {
  en: {
    box: 'Message',
    pending: 'pending',
    approve: 'approve',
    confirm: 'yes',
    waits: 'waits for your decision',
    asks: 'Nothing is carried out automatically.',
    done: 'Approved. The ticket is now approved.',
    title: 'Read access to ledgers',
  },
  'zh-CN': {
    box: '发送消息',
    pending: '待办',
    approve: '同意',
    confirm: '确认',
    waits: '等待您审批',
    asks: '同意后不会自动执行任何操作。',
    done: '已同意，工单审批通过。',
    title: '读取总账',
  },
} as const

describe.each(ways)('the chat with the bot in $language', ({ language, platform, approver }) => {
  const say = speech[language]

  it('lists what waits, asks before it decides, decides, and opens the ticket from a link', async () => {
    const page = await stage.phones(approver)
    const phone = phoneOf(page, approver)
    const box = phone.getByRole('textbox', { name: say.box })
    const write = async (text: string): Promise<void> => {
      await box.fill(text)
      await box.press('Enter')
    }
    const answer = (text: string) => phone.locator('.row.bot .bubble').filter({ hasText: text })
    const nodes = [{ name: 'Owner', approvers: [approver] }]
    const ticket = await stage.world.api.submit({ title: say.title, risk: 'medium', nodes })
    await see(cardOf(phone, say.title))

    await phone.getByRole('button', { name: say.pending, exact: true }).click()
    await see(answer(say.waits).getByText(`#${ticket.number} ${say.title}`))
    await write(`${say.approve} ${ticket.number}`)
    await see(answer(say.asks))
    await stage.shot(page, `${language}-question`)
    expect((await stage.world.api.get(ticket.id)).status).toBe('pending')

    await write(`${say.confirm} ${ticket.number}`)
    await see(answer(say.done))
    await become(async () => (await stage.world.api.get(ticket.id)).status, 'approved')
    expect((await stage.world.api.get(ticket.id)).history.at(-1)).toMatchObject({ via: `chatbot:${platform}` })
    await become(() => cardOf(phone, say.title).getByRole('button', { name: say.approve, exact: true }).count(), 0)
    await stage.shot(page, `${language}-answer`)

    await answer(say.asks).getByRole('link').click()
    await see(viewOf(phone).getByText(say.title))
    await stage.shot(page, `${language}-ticket`)
  })
})
