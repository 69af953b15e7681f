import type { Examination, Finding } from '#server/channels/finding.ts'
import { consolePage, type LarkPatient } from './patient.ts'
import { larkPhrases as say } from './phrases.ts'

/** Whether the console shows the same as our settings; null: it shows nothing. */
export interface ShownSecrets {
  encryptKey: boolean | null
  verificationToken: boolean | null
}

/** Refusals that a wrong Encrypt Key brings about: the signature is made with it, and so is the encryption. */
const keyRefusals = ['refused:bad_signature', 'refused:not_encrypted', 'refused:missing_signature']
const tokenRefusals = ['refused:wrong_token']

/** Whether callbacks can be verified: by what the console shows, else by what callbacks that came in have shown. */
export function examineSecrets(patient: LarkPatient, examination: Examination, shown: ShownSecrets | null): Finding[] {
  // Over a connection nothing is encrypted, and the connection itself is the proof.
  if (patient.settings.connection === 'long-connection') return []
  return [
    secretFinding(patient, examination, {
      id: 'encrypt_key',
      name: 'Encrypt Key',
      isSet: patient.encryptKey !== null,
      matches: shown?.encryptKey ?? null,
      refusals: keyRefusals,
    }),
    secretFinding(patient, examination, {
      id: 'verification_token',
      name: 'Verification Token',
      isSet: patient.verificationToken !== null,
      matches: shown?.verificationToken ?? null,
      refusals: tokenRefusals,
    }),
  ]
}

interface Secret {
  id: string
  name: string
  isSet: boolean
  matches: boolean | null
  refusals: readonly string[]
}

function secretFinding(patient: LarkPatient, { sightings }: Examination, secret: Secret): Finding {
  const { id, name, isSet, matches, refusals } = secret
  const more = { fix: say('copySecret', { name }), link: consolePage(patient, 'event') }
  if (!isSet) return { id, status: 'failed', evidence: say('secretMissing', { name }), ...more }
  if (matches === false) return { id, status: 'failed', evidence: say('secretDiffers', { name }), ...more }
  if (matches === true) return { id, status: 'ok', evidence: say('secretMatches', { name }) }
  // Newest first: what came last tells.
  const telling = sightings.find(
    ({ way, kind }) => way === 'http' && (!kind.startsWith('refused:') || refusals.includes(kind)),
  )
  if (telling === undefined) {
    return { id, status: 'unknown', evidence: say('secretUnproven', { name }), fix: say('tapOne') }
  }
  const at = new Date(telling.at).toISOString()
  if (!telling.kind.startsWith('refused:')) {
    return { id, status: 'ok', evidence: say('secretProven', { name, at }) }
  }
  const code = telling.kind.slice('refused:'.length)
  // Anybody can send a callback with a bad signature: what is refused is a hint, not a proof.
  return { id, status: 'warning', evidence: say('secretDoubted', { name, at, code }), code, ...more }
}
