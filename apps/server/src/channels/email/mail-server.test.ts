import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { ChannelError } from '#server/channels/channel-error.ts'
import { type Step, startScript, startSmtp, trustedCertificate } from './_smtp.ts'
import { createMailServer, type Mail } from './mail-server.ts'

/* Over the wire, against a real SMTP server and one that misbehaves. */

const mail: Mail = {
  from: 'Countersign <approve@acme.test>',
  to: { name: 'Alice', address: 'alice@acme.test' },
  messageId: '<key@acme.test>',
  subject: 'Hello',
  text: 'Hello\n.\nthere',
}

async function failure(url: string): Promise<ChannelError> {
  try {
    await createMailServer(url).send(mail)
  } catch (error) {
    if (error instanceof ChannelError) return error
    throw error
  }
  throw new Error('the mail was taken')
}

describe('a mail server', () => {
  it('is spoken to in secret by STARTTLS, and logged in to', async () => {
    await using server = await startSmtp({ ...(await trustedCertificate()), authOptional: false })
    const { code, message } = await createMailServer(
      server.url({ user: 'us%40acme:right', query: '?tls=required' }),
    ).send(mail)
    expect({ code, message }).toEqual({ code: '250', message: null })
    expect(server.inbox).toMatchObject([{ isEncrypted: true, user: 'us@acme' }])
    expect(await server.parsed()).toMatchObject([{ messageId: '<key@acme.test>', text: 'Hello\n.\nthere\n' }])
  })

  it('is spoken to in secret from the start by smtps', async () => {
    await using server = await startSmtp({ ...(await trustedCertificate()), secure: true })
    await createMailServer(server.url()).send(mail)
    expect(server.inbox).toMatchObject([{ isEncrypted: true }])
  })

  it('gets nothing from us when it cannot prove who it is', async () => {
    await using server = await startSmtp()
    const required = server.url({ query: '?tls=required' })
    expect(await failure(required)).toMatchObject({ kind: 'auth', code: 'tls', outcomeUnknown: false })
    await using secure = await startSmtp({ secure: true })
    expect(await failure(secure.url({ query: '?tls=required' }))).toMatchObject({
      kind: 'auth',
      code: 'tls',
      outcomeUnknown: false,
    })
    expect([...server.inbox, ...secure.inbox]).toEqual([])
  })

  it('gets nothing from us in the clear, unless the administrator says that it may', async () => {
    await using server = await startSmtp({ hideSTARTTLS: true })
    expect(await failure(server.url({ query: '?tls=required' }))).toMatchObject({ kind: 'auth', code: 'tls' })
    expect(server.inbox).toEqual([])
    await createMailServer(server.url({ query: '?tls=optional' })).send(mail)
    expect(server.inbox).toMatchObject([{ isEncrypted: false }])
  })

  it('need not prove who it is on this machine', async () => {
    await using server = await startSmtp()
    await createMailServer(server.url()).send(mail)
    expect(server.inbox).toMatchObject([{ isEncrypted: true }])
  })

  it('is spoken to in secret where that is optional and it can', async () => {
    await using server = await startSmtp()
    await createMailServer(server.url({ query: '?tls=optional' })).send(mail)
    expect(server.inbox).toMatchObject([{ isEncrypted: true }])
  })

  it('that knows no such user of ours needs an administrator', async () => {
    await using server = await startSmtp()
    const url = server.url({ user: 'us:wrong', query: '?tls=optional' })
    expect(await failure(url)).toMatchObject({ kind: 'auth', code: '535', outcomeUnknown: false })
  })

  it.each<[Step, number, ChannelError['kind']]>([
    ['RCPT TO', 550, 'rejected'],
    ['RCPT TO', 551, 'rejected'],
    ['RCPT TO', 553, 'rejected'],
    ['RCPT TO', 450, 'retry'],
    ['RCPT TO', 452, 'retry'],
    ['RCPT TO', 421, 'rate_limited'],
    ['DATA', 552, 'rejected'],
    ['DATA', 554, 'rejected'],
    ['DATA', 451, 'retry'],
    ['DATA', 421, 'rate_limited'],
    ['MAIL FROM', 550, 'auth'],
    ['MAIL FROM', 530, 'auth'],
    ['MAIL FROM', 451, 'retry'],
  ])('that answers %s with %i means: %s', async (step, code, kind) => {
    await using server = await startSmtp()
    server.refuse(step, code, 'not <alice@acme.test> today')
    const error = await failure(server.url({ query: '?tls=optional' }))
    expect(error).toMatchObject({ kind, code: String(code), outcomeUnknown: false })
    expect(error.message).not.toContain('alice@acme.test')
    if (kind === 'rate_limited') expect(error.retryAfterMs).toBe(60_000)
    expect(server.inbox).toEqual([])
  })

  it('that hangs up once it has the whole message may have taken it', async () => {
    await using server = await startScript((line, inData) => {
      if (inData) return undefined
      return line === '.' ? null : line === 'DATA' ? '354 go on' : '250 ok'
    })
    expect(await failure(server.url)).toMatchObject({ kind: 'retry', code: 'network', outcomeUnknown: true })
  })

  it.each(['EHLO', 'MAIL FROM', 'RCPT TO', 'DATA'])('that hangs up at %s has nothing of it', async (at) => {
    await using server = await startScript((line) => (line.startsWith(at) ? null : '250 ok'))
    expect(await failure(server.url)).toMatchObject({ kind: 'retry', code: 'network', outcomeUnknown: false })
  })

  it('that is not there has nothing of it', async () => {
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const { port } = probe.address() as AddressInfo
    probe.close()
    await once(probe, 'close')
    const error = await failure(`smtp://127.0.0.1:${port}`)
    expect(error).toMatchObject({ kind: 'retry', code: 'network', outcomeUnknown: false })
  })

  it('gets many over few connections, each once', async () => {
    await using server = await startSmtp()
    const client = createMailServer(server.url({ query: '?tls=optional' }))
    const ids = Array.from({ length: 60 }, (_, index) => `<${index}@acme.test>`)
    await Promise.all(ids.map((messageId) => client.send({ ...mail, messageId })))
    const came = (await server.parsed()).map(({ messageId }) => messageId)
    expect(came.sort()).toEqual(ids.sort())
  })
})
