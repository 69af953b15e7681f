import { type ApiError, asApiError } from '@countersign/api-client'
import type { AddedFactor } from '@countersign/contracts'
import { browserSupportsWebAuthn, startAuthentication, startRegistration } from '@simplewebauthn/browser'
import { api } from '../api.ts'
import { t } from '../i18n/i18n.ts'
import { failureWords } from '../ui/failure-words.ts'

/** Whether this browser has passkeys at all. */
export const supportsPasskeys = browserSupportsWebAuthn()

/** The browser, the person or the authenticator did not go through with it. */
export class PasskeyNotUsed extends Error {
  override name = 'PasskeyNotUsed'
}

/** Lets the browser make a passkey, and adds it. Rejects with an ApiError or PasskeyNotUsed. */
export async function addPasskey(name: string): Promise<AddedFactor> {
  const optionsJSON = await api.beginPasskey()
  const passkey = await orNotUsed(() => startRegistration({ optionsJSON }))
  return api.addPasskey({ body: { name, passkey } })
}

/** Lets the browser sign with a passkey, and gives it. Rejects with an ApiError or PasskeyNotUsed. */
export async function givePasskey(): Promise<void> {
  const optionsJSON = await api.askForPasskey()
  const passkey = await orNotUsed(() => startAuthentication({ optionsJSON }))
  await api.givePasskey({ body: { passkey } })
}

/** What went wrong, of either kind, for the person. */
export function factorFailureWords(thrown: unknown): string {
  if (thrown instanceof PasskeyNotUsed) return t('secondFactor.notUsed')
  const failure: ApiError = asApiError(thrown)
  return failureWords(failure)
}

async function orNotUsed<Value>(ask: () => Promise<Value>): Promise<Value> {
  try {
    return await ask()
  } catch (cause) {
    throw new PasskeyNotUsed('no passkey was used', { cause })
  }
}

/** A first name for a new passkey: the kind of device that this is. */
export function deviceName(): string {
  const kinds = [/iPhone|iPad/, /Android/, /Windows/, /Mac/, /CrOS/, /Linux/]
  const names = ['iPhone', 'Android', 'Windows', 'Mac', 'ChromeOS', 'Linux']
  const found = kinds.findIndex((kind) => kind.test(navigator.userAgent))
  return names[found] ?? ''
}
