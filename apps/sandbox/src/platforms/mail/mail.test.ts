import { createTransport, type SendMailOptions, type SMTPTransportOptions } from 'nodemailer'
import { describe, expect, it } from 'vitest'
import { createTestWorld, type TestWorld } from '#sandbox/_world.ts'
import { headerOf } from './inbox.ts'

const mail: SendMailOptions = {
  from: 'Countersign <approve@acme.example>',
  to: 'Alice Tan <alice@acme.example>',
  subject: '工单 #1042 待审批',
  text: 'Open https://acme.example/t/1042',
  html: '<p dir="rtl">افتح <a href="https://acme.example/t/1042">#1042</a></p>',
  headers: { 'List-Unsubscribe': '<https://acme.example/u>', 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
}

async function send({ sandbox }: TestWorld, more: SendMailOptions = {}, options: SMTPTransportOptions = {}) {
  const { host, port } = sandbox.mail
  const auth = { user: 'countersign', pass: 'sandbox-smtp-password' }
  const tls = { ca: sandbox.mail.certificate, servername: 'localhost' }
  const transport = createTransport({ host, port, auth, tls, requireTLS: true, ...options })
  try {
    return await transport.sendMail({ ...mail, ...more })
  } finally {
    transport.close()
  }
}

describe('the mail server', () => {
  it('puts a mail into its mailbox, over TLS that can be verified', async () => {
    await using world = await createTestWorld()
    const { sandbox } = world
    expect((await send(world)).response).toMatch(/^250 2\.0\.0/)
    const [received] = sandbox.mail.inbox('Alice@acme.example')
    expect(received).toMatchObject({
      mailbox: 'alice@acme.example',
      envelopeFrom: 'approve@acme.example',
      subject: '工单 #1042 待审批',
      text: 'Open https://acme.example/t/1042',
      isEncrypted: true,
      user: 'countersign',
    })
    expect(received?.html).toContain('dir="rtl"')
    expect(received && headerOf(received, 'list-unsubscribe')).toBe('<https://acme.example/u>')
    await expect(send(world, {}, { tls: { servername: 'localhost' } })).rejects.toThrow(/self-signed/)
  })

  it('takes mail by its address, with no TLS, with LOGIN, and keeps envelopes apart', async () => {
    await using world = await createTestWorld()
    world.sandbox.mail.settings.startTls = 'hide'
    const transport = createTransport(`${world.sandbox.mail.smtpUrl}?authMethod=LOGIN`)
    await transport.sendMail({ ...mail, to: 'bob@acme.example', bcc: 'yuki@acme.example' })
    transport.close()
    for (const address of ['bob@acme.example', 'yuki@acme.example']) {
      expect(world.sandbox.mail.inbox(address)).toMatchObject([{ to: 'bob@acme.example' }])
    }
    world.sandbox.mail.settings.plainText = 'refuse'
    await expect(send(world, {}, { requireTLS: false, ignoreTLS: true })).rejects.toMatchObject({ responseCode: 530 })
  })

  it('knows who may send and who lives here', async () => {
    await using world = await createTestWorld()
    await expect(send(world, {}, { auth: { user: 'countersign', pass: 'x' } })).rejects.toMatchObject({
      responseCode: 535,
    })
    await expect(send(world, { to: 'nobody@acme.example' })).rejects.toMatchObject({ responseCode: 550 })
    world.sandbox.mail.settings.unknownMailboxes = 'accept'
    await send(world, { to: 'nobody@acme.example' })
    expect(world.sandbox.mail.mailboxes).toContain('nobody@acme.example')
  })

  it('refuses what is too large, announced or not', async () => {
    await using world = await createTestWorld({ mail: { maxBytes: 2_000 } })
    await expect(send(world, { text: 'x'.repeat(3_000) })).rejects.toMatchObject({ responseCode: 552 })
    expect(world.sandbox.mail.inbox('alice@acme.example')).toEqual([])
  })

  it.each([
    ['smtp-unavailable', 421],
    ['smtp-deferred', 451],
    ['smtp-no-such-user', 550],
    ['smtp-too-large', 552],
  ] as const)('answers %s with %i, once', async (kind, responseCode) => {
    await using world = await createTestWorld()
    world.sandbox.faults.set({ kind, platform: 'mail', times: 1 })
    await expect(send(world)).rejects.toMatchObject({ responseCode })
    await send(world)
    expect(world.sandbox.mail.inbox('alice@acme.example')).toHaveLength(1)
    expect(world.sandbox.wire.filter(({ platform }) => platform === 'mail').map(({ status }) => status)).toEqual([
      responseCode,
      250,
    ])
  })

  it('can take a mail and hang up before it says so', async () => {
    await using world = await createTestWorld()
    world.sandbox.faults.set({ kind: 'dropped-answer', platform: 'mail', times: 1 })
    await expect(send(world)).rejects.toThrow()
    expect(world.sandbox.mail.inbox('alice@acme.example')).toHaveLength(1)
  })

  it('can be slow, and can lose a mail', async () => {
    await using world = await createTestWorld()
    world.sandbox.faults.set({ kind: 'slow', platform: 'mail', delayMs: 300, times: 1 })
    const started = performance.now()
    await send(world)
    expect(performance.now() - started).toBeGreaterThan(290)
    world.sandbox.faults.set({ kind: 'undelivered', platform: 'mail', times: 1, path: 'bob@' })
    await send(world, { to: 'bob@acme.example' })
    expect(world.sandbox.mail.inbox('bob@acme.example')).toEqual([])
  })
})
