import type { LoginWays } from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { changesOf, draftOf, missingIn } from './oidc-draft.ts'

const none: LoginWays['oidc'] = {
  isConfigured: false,
  enabled: false,
  provisioned: false,
  issuer: null,
  clientId: null,
  secretSet: false,
  label: null,
  claim: 'email',
  claimName: null,
  scopes: ['openid', 'email', 'profile'],
  people: 0,
}
const set = { ...none, isConfigured: true, issuer: 'https://a.test', clientId: 'c', secretSet: true, label: 'Acme' }

describe('what is typed about a provider', () => {
  it('is sent field by field; an empty secret keeps the one that is set, an emptied label goes', () => {
    expect(changesOf(set, draftOf(set))).toEqual({})
    expect(changesOf(set, { ...draftOf(set), label: ' ', scopes: 'openid  email' })).toEqual({
      label: null,
      scopes: ['openid', 'email'],
    })
    expect(changesOf(set, { ...draftOf(set), clientSecret: 's' })).toEqual({ clientSecret: 's' })
  })

  it('lacks what a new provider needs, and the secret once more where the issuer is another', () => {
    expect(missingIn(none, draftOf(none))).toEqual(['issuer', 'clientId', 'clientSecret'])
    expect(missingIn(set, draftOf(set))).toEqual([])
    expect(missingIn(set, { ...draftOf(set), issuer: 'https://b.test' })).toEqual(['clientSecret'])
  })
})
