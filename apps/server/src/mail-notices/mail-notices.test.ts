import { expect, it } from 'vitest'
import { onEveryEngine } from '#server/db/_engines.ts'
import { openPostRoom, seedMailTenant } from '#server/decision-links/_post-room.ts'

/* The link at the foot of a mail, which mail programs also post to by themselves. */

onEveryEngine((engine) => {
  const open = async () => {
    const database = await engine.open()
    await seedMailTenant(database)
    const room = await openPostRoom(database)
    const isOn = async (uid = 'alice') =>
      (await database.stores.notificationSettings.channel('acme', uid, 'email'))?.enabled
    return { database, room, link: room.signOffs.linkFor({ tenantId: 'acme', uid: 'alice' }), isOn }
  }

  it('asks first: opening it switches nothing off', async () => {
    const { database, room, link, isOn } = await open()
    await using _database = database
    await using _room = room
    const { status, html, headers } = await room.get(link)
    expect(status).toBe(200)
    expect(html).toContain('Stop telling alice by e-mail?')
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(await isOn()).toBe(true)
  })

  it('switches e-mail off for this person alone by one post, with no cookie and no redirect', async () => {
    const { database, room, link, isOn } = await open()
    await using _database = database
    await using _room = room
    const { status, html } = await room.post(link, { 'List-Unsubscribe': 'One-Click' })
    expect(status).toBe(200)
    expect(html).toContain('no longer told by e-mail')
    expect(await isOn()).toBe(false)
    expect(await isOn('carol')).toBe(true)
    expect(await database.stores.audit.entriesAbout('acme', 'user:alice')).toMatchObject([
      { action: 'notification.channel_changed', actor: 'alice' },
    ])
  })

  it('does no harm when it is posted again', async () => {
    const { database, room, link, isOn } = await open()
    await using _database = database
    await using _room = room
    await room.post(link)
    expect((await room.post(link)).status).toBe(200)
    expect(await isOn()).toBe(false)
    expect(await database.stores.audit.entriesAbout('acme', 'user:alice')).toHaveLength(1)
  })

  it.each([
    ['for somebody else', (link: string) => link.replace('/alice/', '/carol/')],
    ['for another tenant', (link: string) => link.replace('/acme/', '/other/')],
    ['with another proof', (link: string) => link.replace(/.{43}$/, 'A'.repeat(43))],
    ['cut off', (link: string) => link.slice(0, -3)],
  ])('is refused %s', async (_how, forge) => {
    const { database, room, link, isOn } = await open()
    await using _database = database
    await using _room = room
    expect((await room.post(forge(link))).status).toBe(404)
    expect(await isOn()).toBe(true)
    expect(await isOn('carol')).toBe(true)
  })
})
