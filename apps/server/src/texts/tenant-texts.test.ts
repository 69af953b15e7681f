import { describe, expect, it } from 'vitest'
import type { OwnText, TextPlace } from '#server/db/text-store.ts'
import { sampleContent } from './sample.ts'
import { createTenantTexts } from './tenant-texts.ts'

const link = 'https://approve.acme.example/console/mobile/index/?t=acme'
const request = {
  channel: 'email',
  recipient: { uid: 'alice', name: 'Alice' },
  locale: 'en',
  timeZone: 'UTC',
  format: 'html',
  content: sampleContent('pending', { locale: 'en', timeZone: 'UTC', link, lines: [] }),
} as const

/** A tenant that says one thing in its own words. */
function textsWith(own: { place: TextPlace; title: string; body: string } | null) {
  const warnings: unknown[] = []
  const tenant = {
    id: 'acme',
    name: 'Acme',
    locale: null,
    timeZone: null,
    allowSelfApproval: false,
    coverageReport: true,
  }
  const texts = createTenantTexts({
    stores: {
      tenants: { tenant: async () => tenant },
      texts: {
        async text(_tenantId, place): Promise<OwnText | null> {
          if (own === null || JSON.stringify(own.place) !== JSON.stringify(place)) return null
          return { kind: place.kind, title: own.title, body: own.body, updatedAt: 0, updatedBy: 'alice' }
        },
      },
    },
    log: { warn: (fields: unknown) => warnings.push(fields) },
  })
  return { texts, warnings }
}

const place: TextPlace = { kind: 'pending', channel: 'email', locale: 'en' }

describe('what somebody is told', () => {
  it('is in the words of the tenant, for this event, channel and language alone', async () => {
    const { texts } = textsWith({
      place,
      title: '{{ tenant }}: {{ ticket }}',
      body: 'Dear {{ recipient }}, please look.',
    })
    expect(await texts.render('acme', request)).toEqual({
      title: 'Acme: #1042 Export Q3 orders for the auditors',
      body: 'Dear <bdi>Alice</bdi>, please look.',
    })
    const other = await texts.render('acme', { ...request, locale: 'ms' })
    expect(other.title).toBe('#1042 Export Q3 orders for the auditors: keputusan anda diperlukan')
    const robot = await texts.render('acme', { ...request, channel: 'wecomRobot', format: 'wecom-markdown' })
    expect(robot.title).toBe('#1042 Export Q3 orders for the auditors: your decision is needed')
  })

  it('is the default where nothing is set', async () => {
    const { texts, warnings } = textsWith(null)
    expect((await texts.render('acme', request)).body).toBe(
      '<bdi>Bob Tan</bdi> is waiting for your decision on “<bdi>Export Q3 orders for the auditors</bdi>”.',
    )
    expect(warnings).toEqual([])
  })

  it.each([
    ['names what is no more', 'x', '{{ gone }}'],
    ['cannot be read', 'x', '{% if'],
    ['says nothing', 'x', '{{ comment }}'],
  ])('is the default where the tenant’s text %s, and the log says so', async (_, title, body) => {
    const { texts, warnings } = textsWith({ place, title, body })
    expect((await texts.render('acme', request)).title).toMatch(/your decision is needed$/)
    expect(warnings).toEqual([expect.objectContaining({ tenantId: 'acme', kind: 'pending', channel: 'email' })])
    expect(JSON.stringify(warnings)).not.toContain('Export')
  })
})
