import type { ChangeLoginWays, LoginWays, OidcClaim } from '@countersign/contracts'

type Oidc = LoginWays['oidc']

/** What is typed about an OpenID provider. The secret is never shown: an empty field keeps it. */
export interface OidcDraft {
  issuer: string
  clientId: string
  clientSecret: string
  label: string
  claim: OidcClaim
  claimName: string
  /** With spaces between them. */
  scopes: string
}

export function draftOf({ issuer, clientId, label, claim, claimName, scopes }: Oidc): OidcDraft {
  return {
    issuer: issuer ?? '',
    clientId: clientId ?? '',
    clientSecret: '',
    label: label ?? '',
    claim,
    claimName: claimName ?? '',
    scopes: scopes.join(' '),
  }
}

type Change = NonNullable<ChangeLoginWays['oidc']>

/** Only what was changed; what was emptied goes back to the default. */
export function changesOf(before: Oidc, draft: OidcDraft): Change {
  const was = draftOf(before)
  const text = (name: keyof OidcDraft): string => draft[name].trim()
  const isChanged = (name: keyof OidcDraft): boolean => text(name) !== was[name]
  const change: Change = {}
  if (isChanged('issuer')) change.issuer = text('issuer')
  if (isChanged('clientId')) change.clientId = text('clientId')
  if (draft.clientSecret !== '') change.clientSecret = draft.clientSecret
  if (isChanged('label')) change.label = text('label') === '' ? null : text('label')
  if (isChanged('claim') || !before.isConfigured) change.claim = draft.claim
  if (isChanged('claimName')) change.claimName = text('claimName') === '' ? null : text('claimName')
  if (isChanged('scopes')) change.scopes = text('scopes') === '' ? null : text('scopes').split(/\s+/)
  return change
}

/** What is known to be missing before the server is asked. */
export function missingIn(before: Oidc, draft: OidcDraft): (keyof OidcDraft)[] {
  const isMoved = before.isConfigured && draft.issuer.trim() !== before.issuer
  const needsSecret = !before.secretSet || isMoved
  return [
    ...(draft.issuer.trim() === '' ? (['issuer'] as const) : []),
    ...(draft.clientId.trim() === '' ? (['clientId'] as const) : []),
    ...(needsSecret && draft.clientSecret === '' ? (['clientSecret'] as const) : []),
  ]
}
