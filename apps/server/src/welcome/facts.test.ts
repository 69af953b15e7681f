import type { FindingStatus } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import type { SeenDiagnosis } from '#server/db/diagnosis-store.ts'
import { type Known, stepFacts } from './facts.ts'

const settingsAt = 1_000

function diagnosis(findings: Record<string, FindingStatus>, of = settingsAt): SeenDiagnosis {
  const seen = Object.entries(findings).map(([id, status]) => ({ id, status, optional: false }))
  return { tenantId: 'acme', channel: 'lark', at: 2_000, settingsAt: of, findings: seen }
}

const nothing: Known = {
  isConfigured: false,
  enabled: false,
  live: null,
  settingsAt: 0,
  diagnosis: null,
  binding: null,
  trial: null,
}
const working: Known = {
  isConfigured: true,
  enabled: true,
  live: { takesActions: true },
  settingsAt,
  diagnosis: diagnosis({ credentials: 'ok', 'permission.im:message': 'ok', callback_reached: 'unknown' }),
  binding: { isWanted: true, isContested: false },
  trial: { isPending: false, tappedAt: 3_000 },
}

describe('the steps of the first-run guide', () => {
  it('are all open on a host on which nothing was done, each with its reason', () => {
    const facts = Object.entries(stepFacts(nothing)).map(([step, { state, problems }]) => [step, state, ...problems])
    expect(facts).toEqual([
      ['app', 'open', 'not_examined'],
      ['credentials', 'open', 'not_set_up'],
      ['callbacks', 'open', 'not_examined'],
      ['doctor', 'open', 'not_examined'],
      ['me', 'open', 'no_address'],
      ['trial', 'open', 'no_trial'],
    ])
  })

  it('are done once the host has seen so, though the platform does not let everything be known', () => {
    expect(Object.values(stepFacts(working)).map(({ state }) => state)).toEqual(Array(6).fill('done'))
    expect(stepFacts(working).doctor.at).toBe('1970-01-01T00:00:02.000Z')
  })

  it('name what the doctor found missing, at the step where it is mended', () => {
    const facts = stepFacts({
      ...working,
      diagnosis: diagnosis({
        'permission.im:message': 'failed',
        card_callback: 'failed',
        encrypt_key: 'failed',
        message_event: 'warning',
      }),
    })
    expect(facts.app).toMatchObject({ state: 'missing', problems: ['permission.im:message'] })
    expect(facts.callbacks).toMatchObject({ state: 'missing', problems: ['card_callback'] })
    expect(facts.credentials).toMatchObject({ state: 'missing', problems: ['encrypt_key'] })
    expect(facts.doctor.problems).toHaveLength(3)
  })

  it('say nothing of the app while its credentials are not taken', () => {
    const facts = stepFacts({ ...working, diagnosis: diagnosis({ credentials: 'failed' }) })
    expect(facts.credentials).toMatchObject({ state: 'missing', problems: ['credentials'] })
    expect([facts.app.state, facts.callbacks.state]).toEqual(['open', 'open'])
  })

  it('count nothing that was seen of other settings', () => {
    const facts = stepFacts({ ...working, settingsAt: 4_000 })
    expect([facts.app, facts.credentials, facts.doctor].map(({ state }) => state)).toEqual(['open', 'open', 'open'])
    expect(facts.trial).toMatchObject({ state: 'open', problems: ['changed_since'] })
  })

  it.each([
    [{ enabled: false, live: null }, 'credentials', 'open', 'not_enabled'],
    [{ live: null }, 'credentials', 'missing', 'unusable'],
    [{ live: { takesActions: false } }, 'credentials', 'missing', 'no_taps'],
    [{ binding: { isWanted: false, isContested: false } }, 'me', 'missing', 'switched_off'],
    [{ binding: { isWanted: true, isContested: true } }, 'me', 'missing', 'contested'],
    [{ trial: { isPending: true, tappedAt: null } }, 'trial', 'open', 'trial_waits'],
    [{ trial: { isPending: false, tappedAt: null } }, 'trial', 'missing', 'trial_unanswered'],
  ] as const)('with %o leave %s %s: %s', (change, step, state, problem) => {
    expect(stepFacts({ ...working, ...change })[step]).toMatchObject({ state, problems: [problem] })
  })
})
