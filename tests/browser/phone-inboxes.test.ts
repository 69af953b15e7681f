import { createTransport } from 'nodemailer'
import { expect, it } from 'vitest'
import { become, phoneOf, see, seeNoMore, useStage, viewOf } from '../_browser.ts'

/* The sandbox's phone beside the chat with the bot: groups, mail and webhooks, as people and integrators look at them. */

const stage = useStage({ dingtalk: 'http' })
const person = 'wang'

async function post(url: string, body: object): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(await response.json()).toMatchObject({ errcode: 0 })
}

it('a mail opens without running anything, and its link opens in the phone’s web view', async () => {
  const { sandbox, url } = stage.world
  stage.expectComplaint('Blocked script execution')
  const page = await stage.phones('alice')
  const phone = phoneOf(page, 'alice')
  const { host, port } = sandbox.mail
  const transport = createTransport({ host, port, ignoreTLS: true })
  await transport.sendMail({
    from: 'Countersign <approve@acme.test>',
    to: 'alice@acme.test',
    subject: 'Ticket #1042 waits',
    html: `<h2>Export orders</h2><a href="${url}/healthz">Open</a><script>document.body.textContent = 'ran'</script>`,
  })
  transport.close()
  await phone.getByRole('button', { name: 'Home screen' }).click()
  await phone.locator('[data-app="mail"]').click()
  await phone.locator('.mail', { hasText: 'Ticket #1042 waits' }).click()
  const mail = phone.locator('.reader iframe').contentFrame()
  await see(mail.getByRole('heading', { name: 'Export orders' }))
  await stage.shot(page, 'mail')
  await mail.getByRole('link', { name: 'Open' }).click()
  await see(viewOf(phone).getByText('ok'))
  await become(() => mail.getByRole('heading').textContent(), 'Export orders')
})

it('groups of DingTalk and WeCom show their robots, and count what has not been read', async () => {
  const { sandbox } = stage.world
  sandbox.groups.add({ id: 'changes', platform: 'dingtalk', title: '数据库变更群', members: [person, 'grace'] })
  sandbox.groups.add({ id: 'duty', platform: 'wecom', title: 'DBA 值班群', members: [person] })
  const dingtalk = sandbox.dingtalk.addGroupRobot({
    id: 'changes',
    group: 'changes',
    name: 'DMS 通知',
    accessToken: 'abcdef0123456789',
    keywords: ['DMS'],
  })
  const key = '5a11dbc0-de00-4000-8000-00000000f0f0'
  const wecom = sandbox.wecom.addRobot({ id: 'duty', group: 'duty', name: '消息推送', key })
  const page = await stage.phones(person)
  const phone = phoneOf(page, person)
  await post(dingtalk, { msgtype: 'text', text: { content: 'DMS：工单 #1042' }, at: { isAtAll: true } })
  await post(wecom, { msgtype: 'markdown', markdown: { content: `**#1043** <@${person}>` } })
  await phone.getByRole('button', { name: 'Home screen' }).click()
  await see(phone.locator('[data-app="wecom"] em'))
  await phone.locator('[data-app="wecom"]').click()
  await phone.locator('[data-group="duty"]').click()
  await see(phone.getByText('@王海燕'))
  await phone.getByRole('button', { name: 'Home screen' }).click()
  await seeNoMore(phone.locator('[data-app="wecom"] em'))
  await phone.locator('[data-app="chat"]').click()
  await phone.getByRole('button', { name: 'Back to chats' }).click()
  await phone.locator('[data-group="changes"]').click()
  await see(phone.getByText('@所有人 DMS：工单 #1042'))
  await stage.shot(page, 'group')
})

it('a webhook’s verdict stands under the hood', async () => {
  const { sandbox } = stage.world
  const url = sandbox.webhooks.add({ id: 'hook', name: 'Hook', signatureMethod: 'HMAC_SHA1', signatureKey: 'key' })
  const page = await stage.phones(person)
  await page.getByRole('button', { name: 'Under the hood' }).click()
  await page.getByRole('tab', { name: 'Webhooks' }).click()
  await fetch(url, { method: 'POST', body: '{"messageEvent":{}}' })
  await see(page.getByText('DMS missing'))
  await page.getByRole('combobox').selectOption('410')
  await become(async () => (await fetch(url, { method: 'POST', body: '{}' })).status, 410)
})
