import type { StepFact, StepProblem, WelcomeStep } from '@countersign/contracts'
import type { SeenDiagnosis, SeenFinding } from '#server/db/diagnosis-store.ts'

/** What is known of a platform's channel, for one person. Times are epoch milliseconds. */
export interface Known {
  isConfigured: boolean
  enabled: boolean
  /** Null: it is off, or its settings cannot be used. */
  live: { takesActions: boolean } | null
  /** When its settings were last changed. */
  settingsAt: number
  diagnosis: SeenDiagnosis | null
  binding: { isWanted: boolean; isContested: boolean } | null
  /** Whether the person's last trial waits, and when a tap of theirs last came back; null: they never sent one. */
  trial: { isPending: boolean; tappedAt: number | null } | null
}

/** Findings that credentials answer for. */
const ofCredentials: ReadonlySet<string> = new Set([
  'settings',
  'credentials',
  'internal_organisation',
  'encrypt_key',
  'verification_token',
  'clock',
])
/** What is set in the platform's console once the app is known here. */
const ofCallbacks: ReadonlySet<string> = new Set([
  'app_published',
  'card_callback',
  'message_event',
  'callback_registration',
  'connection',
  'connection_at_platform',
])
/** Of people, of use and of what has come in: these follow later, and are no part of the app itself. */
const ofLater: ReadonlySet<string> = new Set([
  'enabled',
  'callback_reached',
  'message_reached',
  'people_unmapped',
  'people_gone',
  'bot_stopped',
  'quota',
  'visible_range',
])

/** Each step, judged by what the host itself has seen: nothing is done because somebody says so. */
export function stepFacts(known: Known): Record<WelcomeStep, StepFact> {
  const { diagnosis } = known
  // What was examined were other settings.
  const seen = diagnosis !== null && diagnosis.settingsAt === known.settingsAt ? diagnosis : null
  return {
    app: examined(seen, ({ id }) => !ofCredentials.has(id) && !ofCallbacks.has(id) && !ofLater.has(id)),
    credentials: credentials(known, seen),
    callbacks: examined(seen, ({ id }) => ofCallbacks.has(id)),
    doctor: examined(seen, () => true),
    me: me(known),
    trial: trial(known),
  }
}

const iso = (at: number): string => new Date(at).toISOString()
const fact = (state: StepFact['state'], problems: readonly string[] = [], at: number | null = null): StepFact => ({
  state,
  problems: [...problems],
  at: at === null ? null : iso(at),
})
const because = (state: 'missing' | 'open', problem: StepProblem): StepFact => fact(state, [problem])

/** In order as far as the platform lets it be known: what is unknown stands in the way of nobody. */
function examined(seen: SeenDiagnosis | null, concerns: (finding: SeenFinding) => boolean): StepFact {
  if (seen === null) return because('open', 'not_examined')
  const failed = failedIn(seen, concerns)
  // Without credentials that are taken nothing else was asked.
  const isBlind = failedIn(seen, ({ id }) => id === 'credentials' || id === 'settings').length > 0
  if (failed.length > 0) return fact('missing', failed, seen.at)
  return isBlind ? because('open', 'not_examined') : fact('done', [], seen.at)
}

const failedIn = ({ findings }: SeenDiagnosis, concerns: (finding: SeenFinding) => boolean): string[] =>
  findings.filter((finding) => finding.status === 'failed' && concerns(finding)).map(({ id }) => id)

function credentials({ isConfigured, enabled, live }: Known, seen: SeenDiagnosis | null): StepFact {
  if (!isConfigured) return because('open', 'not_set_up')
  if (!enabled) return because('open', 'not_enabled')
  if (live === null) return because('missing', 'unusable')
  if (!live.takesActions) return because('missing', 'no_taps')
  const failed = seen === null ? [] : failedIn(seen, ({ id }) => ofCredentials.has(id))
  if (failed.length > 0) return fact('missing', failed, seen?.at ?? null)
  return seen === null ? because('open', 'not_examined') : fact('done', [], seen.at)
}

function me({ binding }: Known): StepFact {
  if (binding === null) return because('open', 'no_address')
  if (binding.isContested) return because('missing', 'contested')
  return binding.isWanted ? fact('done') : because('missing', 'switched_off')
}

function trial({ trial: last, settingsAt }: Known): StepFact {
  if (last === null) return because('open', 'no_trial')
  // With other settings, a tap proves nothing of these.
  if (last.tappedAt !== null && last.tappedAt >= settingsAt) return fact('done', [], last.tappedAt)
  if (last.isPending) return because('open', 'trial_waits')
  return last.tappedAt === null ? because('missing', 'trial_unanswered') : because('open', 'changed_since')
}
