import { describe, expect, it } from 'vitest'
import { onEveryEngine, type TestDatabase } from '#server/db/_engines.ts'
import { hour, submitTicket, tap } from '#server/delivery/_world.ts'
import { change, withdraw } from '#server/tickets/lifecycle.ts'
import type { Ticket } from '#server/tickets/ticket.ts'
import { openPostRoom, type PostRoom, seedMailTenant, setMailSettings } from './_post-room.ts'
import { validForMs } from './offer.ts'

/* A link in a mail, from the making to the page that says what became of it. */

onEveryEngine((engine) => {
  const open = async (settings: Record<string, unknown> = {}): Promise<{ database: TestDatabase; room: PostRoom }> => {
    const database = await engine.open()
    await seedMailTenant(database, settings)
    return { database, room: await openPostRoom(database) }
  }
  const now = async ({ stores }: TestDatabase, { id }: Ticket): Promise<Ticket> => {
    const ticket = await stores.tickets.find('acme', id)
    if (ticket === null) throw new Error('the ticket is gone')
    return ticket
  }
  const refusals = async ({ stores }: TestDatabase, { id }: Ticket): Promise<unknown[]> => {
    const entries = await stores.audit.entriesAbout('acme', `ticket:${id}`)
    return entries.filter(({ action }) => action === 'ticket.refused').map(({ detail }) => JSON.parse(detail).reason)
  }
  const act = (ticket: Ticket, room: PostRoom) =>
    ({ tenantId: 'acme', ticketId: ticket.id, actor: 'bob', via: 'api', at: room.clock.now() }) as const
  const both = { nodes: [{ name: 'DBA', approvers: ['alice', 'carol'], rule: 'all' as const }] }

  describe('looking at a link', () => {
    it('shows the ticket in full and changes nothing, however often and by whatever program', async () => {
      const { database, room } = await open()
      await using _database = database
      await using _room = room
      const ticket = await submitTicket(database.store, room.clock.now(), {
        title: 'Export <b>orders</b>',
        description: 'x'.repeat(9_000),
        code: [{ language: 'sql', title: 'Statement', text: `select ${'1, '.repeat(20_000)}1` }],
        fields: [{ label: 'Database', value: 'orders@prod' }],
      })
      const { approve, reject } = await room.links(ticket)
      for (const link of [approve, reject, approve]) {
        for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
          await fetch(link, { method, headers: { purpose: 'prefetch', 'sec-purpose': 'prefetch' } })
        }
      }
      const page = await room.get(approve)
      expect(page.status).toBe(200)
      expect(page.html).toContain('Export &lt;b&gt;orders&lt;/b&gt;')
      expect(page.html).toContain('x'.repeat(9_000))
      expect(page.html).toContain(`select ${'1, '.repeat(20_000)}1`)
      expect(page.html).toContain('orders@prod')
      expect(page.html).toContain('<form method="post">')
      expect(await now(database, ticket)).toEqual(ticket)
      expect(room.decisions).toEqual([])
    })

    it('lets nobody keep it, frame it, run anything in it, or learn where it led', async () => {
      const { database, room } = await open()
      await using _database = database
      await using _room = room
      const { approve } = await room.links(await submitTicket(database.store, room.clock.now()))
      const { headers, html } = await room.get(approve)
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).toContain("form-action 'self'")
      expect(policy).not.toContain('script-src')
      expect(html).not.toContain('<script')
      expect(html).not.toMatch(/(?:src|href)="https?:\/\/(?!127\.0\.0\.1)/)
    })

    it.each([
      ['zh-CN', 'ltr', '同意'],
      ['ar', 'rtl', 'موافقة'],
    ])('speaks %s, written %s', async (locale, direction, word) => {
      const { database, room } = await open()
      await using _database = database
      await using _room = room
      await database.db.updateTable('users').set({ locale }).where('uid', '=', 'alice').execute()
      const { approve } = await room.links(await submitTicket(database.store, room.clock.now()))
      const { html } = await room.get(approve)
      expect(html).toContain(`lang="${locale}" dir="${direction}"`)
      expect(html).toContain(word)
    })
  })

  describe('using a link', () => {
    it('decides as the person it was sent to, once, and says so when it is opened again', async () => {
      const { database, room } = await open()
      await using _database = database
      await using _room = room
      const ticket = await submitTicket(database.store, room.clock.now())
      const { approve } = await room.links(ticket)
      const answer = await room.post(approve)
      expect(answer.status).toBe(303)
      expect(`${room.url}${answer.headers.get('location')}`).toBe(approve)
      const decided = await now(database, ticket)
      expect(decided.status).toBe('approved')
      expect(decided.nodes[0]?.decisions).toMatchObject([{ uid: 'alice', action: 'approve', via: 'email-link' }])
      expect((await room.get(approve)).html).toContain(`You approved #${ticket.number}.`)
      expect((await room.post(approve)).status).toBe(409)
      expect(room.decisions).toEqual(['approve via email-link'])
      expect(await database.stores.audit.verify('acme')).toMatchObject({ ok: true })
    })

    it('asks for the reason on the page, and keeps what was written', async () => {
      const { database, room } = await open()
      await using _database = database
      await using _room = room
      const ticket = await submitTicket(database.store, room.clock.now())
      const { reject } = await room.links(ticket)
      expect((await room.get(reject)).html).toContain('name="reason"')
      const blank = await room.post(reject, { reason: '  ' })
      expect(blank.status).toBe(422)
      expect(blank.html).toContain('role="alert"')
      expect((await room.post(reject, { reason: 'not without <the> owner' })).status).toBe(303)
      const [decision] = (await now(database, ticket)).nodes[0]?.decisions ?? []
      expect(decision).toMatchObject({ action: 'reject', comment: 'not without <the> owner', via: 'email-link' })
    })

    it('does not let the approve link reject, whatever is sent to it', async () => {
      const { database, room } = await open()
      await using _database = database
      await using _room = room
      const ticket = await submitTicket(database.store, room.clock.now())
      const { approve } = await room.links(ticket)
      await room.post(approve, { reason: 'no', action: 'reject', uid: 'carol' })
      expect((await now(database, ticket)).nodes[0]?.decisions).toMatchObject([{ uid: 'alice', action: 'approve' }])
    })

    it('records one decision when it is pressed many times at once', async () => {
      const { database, room } = await open()
      await using _database = database
      await using _room = room
      const ticket = await submitTicket(database.store, room.clock.now(), both)
      const { approve, reject } = await room.links(ticket)
      const presses = Array.from({ length: 10 }, (_, index) =>
        index % 2 === 0 ? room.post(approve) : room.post(reject, { reason: 'no' }),
      )
      const statuses = (await Promise.all(presses)).map(({ status }) => status)
      expect(statuses.filter((status) => status === 303)).toHaveLength(1)
      expect(statuses.filter((status) => status === 409)).toHaveLength(9)
      expect((await now(database, ticket)).nodes[0]?.decisions).toHaveLength(1)
    })

    it('says on the other link of the mail what was decided by the first', async () => {
      const { database, room } = await open()
      await using _database = database
      await using _room = room
      const ticket = await submitTicket(database.store, room.clock.now(), both)
      const { approve, reject } = await room.links(ticket)
      await room.post(approve)
      const other = await room.get(reject)
      expect(other.html).toContain(`You approved #${ticket.number}.`)
      expect(other.html).not.toContain('<form')
      expect((await room.post(reject, { reason: 'changed my mind' })).status).toBe(409)
      expect((await now(database, ticket)).status).toBe('pending')
    })

    it('works for whoever holds it, as the person it was made for: a forwarded mail hands it on', async () => {
      const { database, room } = await open()
      await using _database = database
      await using _room = room
      const ticket = await submitTicket(database.store, room.clock.now())
      const { approve } = await room.links(ticket)
      // No cookie, no session, another browser: the link alone says who decides.
      const response = await fetch(approve, { method: 'POST', headers: { 'user-agent': 'somebody else' } })
      expect(response.ok).toBe(true)
      expect((await now(database, ticket)).nodes[0]?.decisions).toMatchObject([{ uid: 'alice' }])
    })
  })

  describe('a link that does nothing says why', () => {
    const cases: [
      string,
      (at: { database: TestDatabase; room: PostRoom; ticket: Ticket }) => Promise<unknown>,
      RegExp,
      string?,
    ][] = [
      ['it has expired', async ({ room }) => room.clock.advance(validForMs), /expired/, 'link_expired'],
      [
        'the mailbox is the person’s no more',
        ({ database }) =>
          database.db
            .updateTable('user_channels')
            .set({ address: '{"email":"new@acme.test"}' })
            .where('uid', '=', 'alice')
            .execute(),
        /no longer in use/,
        'link_address_changed',
      ],
      [
        'the tenant has switched deciding by mail off',
        ({ database }) => setMailSettings(database, { decisionLinks: false }),
        /does not let/,
        'link_switched_off',
      ],
      [
        'e-mail is switched off',
        ({ database }) => setMailSettings(database, { enabled: false }),
        /does not let/,
        'link_switched_off',
      ],
      [
        'the person is disabled',
        ({ database }) => database.db.updateTable('users').set({ disabled: 1 }).where('uid', '=', 'alice').execute(),
        /disabled/,
        'link_user_disabled',
      ],
      [
        'somebody else has decided',
        ({ database, room, ticket }) => tap(database.store, ticket, 'carol', 'approve', room.clock.now()),
        /carol has already approved/,
        'already_approved',
      ],
      [
        'the ticket is withdrawn',
        ({ database, room, ticket }) =>
          database.store.run((tx) => withdraw(tx, { ...act(ticket, room), comment: null })),
        /withdrawn/,
        'already_withdrawn',
      ],
      [
        'the content has changed',
        ({ database, room, ticket }) =>
          database.store.run((tx) => change(tx, { ...act(ticket, room), change: { title: 'Export the secret list' } })),
        /changed since this mail/,
        'content_changed',
      ],
      [
        'the risk has risen',
        ({ database, room, ticket }) =>
          database.store.run((tx) => change(tx, { ...act(ticket, room), change: { risk: 'high' } })),
        /changed since this mail/,
        'content_changed',
      ],
      [
        'it was moved to others',
        ({ database, ticket }) =>
          database.db
            .updateTable('tickets')
            .set({ nodes: JSON.stringify([{ name: 'DBA', rule: 'any', approvers: ['carol'], decisions: [] }]) })
            .where('id', '=', ticket.id)
            .execute(),
        /not an approver/,
        'not_approver',
      ],
    ]

    it.each(cases)('when %s', async (_why, happen, says, audited) => {
      const { database, room } = await open()
      await using _database = database
      await using _room = room
      const any = { nodes: [{ name: 'DBA', approvers: ['alice', 'carol'], rule: 'any' as const }] }
      const ticket = await submitTicket(database.store, room.clock.now(), any)
      const { approve } = await room.links(ticket)
      await happen({ database, room, ticket })
      const before = await now(database, ticket)
      const looked = await room.get(approve)
      const pressed = await room.post(approve)
      for (const page of [looked, pressed]) {
        expect(page.html).toMatch(says)
        expect(page.html).not.toContain('<form')
        expect(page.html).not.toContain('Export the secret list')
      }
      expect(pressed.status).toBe(409)
      expect(await now(database, ticket)).toEqual(before)
      expect(await refusals(database, ticket)).toEqual([audited])
    })

    it('when it does not exist, in the language of the browser, and soon not at all', async () => {
      const { database, room } = await open()
      await using _database = database
      await using _room = room
      const { approve } = await room.links(await submitTicket(database.store, room.clock.now()))
      const guess = approve.replace(/.{43}$/, 'A'.repeat(43))
      const first = await room.get(guess, { 'accept-language': 'ja' })
      expect(first.status).toBe(404)
      expect(first.html).toContain('lang="ja"')
      expect((await room.get(`${room.url}/decision-links/acme/short`)).status).toBe(404)
      expect((await room.get(approve.replace('/acme/', '/other/'))).status).toBe(404)
      for (let tries = 0; tries < 40; tries += 1) await room.post(guess)
      const last = await room.post(guess)
      expect(last.status).toBe(429)
      expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0)
    })
  })

  describe('what a mail is offered', () => {
    it('is nothing where the risk, the person or the step does not allow it', async () => {
      const { database, room } = await open()
      await using _database = database
      await using _room = room
      const { store } = database
      const at = room.clock.now()
      expect(await room.offer(await submitTicket(store, at, { risk: 'medium' }))).toBeNull()
      expect(await room.offer(await submitTicket(store, at, { risk: 'high' }))).toBeNull()
      const ticket = await submitTicket(store, at)
      expect(await room.offer(ticket, 'bob')).toBeNull()
      expect(await room.offer(ticket, 'carol')).toBeNull()
      expect(await room.offer({ ...ticket, contentHash: 'sha256:other' })).toBeNull()
      await tap(store, ticket, 'alice', 'approve', at)
      expect(await room.offer(ticket)).toBeNull()
    })

    it('is a link even for high risk where the template names the surface, with the whole ticket to be read', async () => {
      const { database, room } = await open()
      await using _database = database
      await using _room = room
      const template = {
        id: 'risky',
        module: 'data_export',
        nodes: [{ name: 'DBA', approvers: ['alice'], rule: 'any' }],
      }
      const row = { tenant_id: 'acme', id: 'risky', module: 'data_export', position: 0, provisioned: 1 } as const
      const stored = JSON.stringify({ ...template, risk: 'high', surfaces: ['email-link'] })
      await database.db
        .insertInto('approval_templates')
        .values({ ...row, template: stored })
        .execute()
      const ticket = await submitTicket(database.store, room.clock.now(), {
        template: 'risky',
        nodes: undefined,
        risk: undefined,
      })
      const { approve } = await room.links(ticket)
      expect((await room.get(approve)).html).toContain('name="confirmed"')
      const unread = await room.post(approve)
      expect(unread.status).toBe(422)
      expect((await now(database, ticket)).status).toBe('pending')
      expect((await room.post(approve, { confirmed: 'yes' })).status).toBe(303)
      expect((await now(database, ticket)).status).toBe('approved')
    })

    it('is the same when the mail is sent once more, and lasts as long again', async () => {
      const { database, room } = await open()
      await using _database = database
      await using _room = room
      const ticket = await submitTicket(database.store, room.clock.now())
      const first = await room.links(ticket)
      room.clock.advance(hour)
      const again = await room.links(ticket)
      expect(again).toEqual({ ...first, expiresAt: first.expiresAt + hour })
      const reminder = await room.links(ticket, 'alice', 'mail-2')
      expect(reminder.approve).not.toBe(first.approve)
      expect(await database.db.selectFrom('decision_links').selectAll().execute()).toHaveLength(4)
    })

    it('is nothing in a mailbox that an administrator has entered for the person, who has not shown it to be theirs', async () => {
      const { database, room } = await open()
      await using _database = database
      await using _room = room
      const ticket = await submitTicket(database.store, room.clock.now())
      const mailbox = (values: { provisioned: 0 | 1; proved?: string }) =>
        database.db
          .updateTable('user_channels')
          .set(values)
          .where('uid', '=', 'alice')
          .where('channel', '=', 'email')
          .execute()
      await mailbox({ provisioned: 0 })
      expect(await room.offer(ticket)).toBeNull()
      const bound = await database.stores.directory.binding('acme', 'email', 'alice')
      await mailbox({ provisioned: 0, proved: bound?.addressDigest ?? '' })
      expect(await room.offer(ticket)).not.toBeNull()
    })

    it('takes the place of what was sent to an address that is the person’s no more', async () => {
      const { database, room } = await open()
      await using _database = database
      await using _room = room
      const ticket = await submitTicket(database.store, room.clock.now())
      const first = await room.links(ticket)
      const moved = { address: '{"email":"new@acme.test"}' }
      await database.db.updateTable('user_channels').set(moved).where('uid', '=', 'alice').execute()
      const second = await room.links(ticket)
      expect((await room.get(first.approve)).status).toBe(404)
      expect((await room.get(second.approve)).status).toBe(200)
    })

    it('outlives a change of the host’s key, and is made anew when the old key is gone', async () => {
      const { database, room } = await open()
      await using _database = database
      await using _room = room
      const ticket = await submitTicket(database.store, room.clock.now())
      const first = await room.links(ticket)
      const [old, fresh] = [Buffer.alloc(32, 3), Buffer.alloc(32, 4)]
      const tokenOf = (link: string): string => link.slice(-43)
      await using rotated = await openPostRoom(database, { linkKeys: [fresh, old] })
      expect(tokenOf((await rotated.links(ticket)).approve)).toBe(tokenOf(first.approve))
      await using forgotten = await openPostRoom(database, { linkKeys: [fresh] })
      expect(tokenOf((await forgotten.links(ticket)).approve)).not.toBe(tokenOf(first.approve))
      expect((await room.get(first.approve)).status).toBe(404)
    })

    it('is stored so that nobody who reads the database can use it', async () => {
      const { database, room } = await open()
      await using _database = database
      await using _room = room
      const { approve, reject } = await room.links(await submitTicket(database.store, room.clock.now()))
      const stored = JSON.stringify(await database.db.selectFrom('decision_links').selectAll().execute())
      for (const link of [approve, reject]) expect(stored).not.toContain(link.slice(-43))
    })
  })

  it('keeps the token out of the log, also when something fails', async () => {
    const { database, room } = await open()
    await using _database = database
    await using _room = room
    const { approve } = await room.links(await submitTicket(database.store, room.clock.now()))
    const tooLong = await room.post(approve, { reason: 'x'.repeat(100_000) })
    expect(tooLong.status).toBe(413)
    await database.db.schema.dropTable('decision_links').execute()
    const failed = await room.post(approve)
    expect(failed.status).toBe(500)
    expect(failed.html).toContain('Open the link once more')
    expect(room.logged()).toContain('a decision by mail link failed')
    expect(room.logged()).not.toContain(approve.slice(-43))
  })
})
