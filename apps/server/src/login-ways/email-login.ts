import type { Locale, SentLoginCode, TenantId, Uid } from '@countersign/contracts'
import { personLocale } from '#server/cards/compose.ts'
import type { OwnEmail } from '#server/db/login-way-store.ts'
import type { Store, Stores } from '#server/db/stores.ts'
import type { CodeKey } from '#server/db/verification-store.ts'
import { AppError } from '#server/errors.ts'
import { begunElsewhere, createAttempts, digestOf, randomText } from '#server/session/attempts.ts'
import type { User } from '#server/tickets/ports.ts'
import type { CodeSender } from '#server/verification/code-sender.ts'
import { type Codes, codeValidMs } from '#server/verification/codes.ts'
import { resendAfterMs, type Throttles } from '#server/verification/throttles.ts'
import { auditRefusal } from './refusal.ts'
import type { LoginWaySettings } from './settings.ts'

export interface EmailLoginDeps {
  store: Store
  ways: Pick<LoginWaySettings, 'isEmailOpen'>
  codes: Codes
  codeSender: CodeSender
  throttles: Throttles
  /** Of the region. */
  locale: Locale
  timeZone: string
  now: () => number
}

/** Who asks for a code. `answered` resolves once the answer is out. */
export interface CodeAsker {
  browser: string
  /** The network address that the request came from. */
  caller: string
  answered: () => Promise<unknown>
}

/** Log-in by a code in an e-mail, for who is known to have the address. */
export interface EmailLogin {
  /**
   * Whether anybody has the address shows neither in the answer nor in its time: for nobody's a code is made all the same,
   * which is sent nowhere. Throws `way_closed` and `too_many_requests`.
   */
  sendCode(ask: { tenant: TenantId; email: string }, asker: CodeAsker): Promise<SentLoginCode>
  /** Throws `state_invalid`, `code_wrong`, `code_expired` and `way_closed`. */
  finish(answer: { attempt: string; code: string }, browser: string): Promise<User>
}

/** Nobody's uid: of the codes that are made for addresses of nobody. */
const nobody = ''

export function createEmailLogin(deps: EmailLoginDeps): EmailLogin {
  const { store, now } = deps
  const attempts = createAttempts({ store, now })

  const requireOpen = async (tenantId: TenantId): Promise<void> => {
    if (!(await deps.ways.isEmailOpen(tenantId))) throw new AppError('way_closed', 'no code by e-mail lets in here')
  }

  return {
    async sendCode({ tenant: tenantId, email: typed }, { browser, caller, answered }) {
      await requireOpen(tenantId)
      const attempt = randomText()
      const known = await onlyPersonOf(store.stores, tenantId, typed)
      const person = known?.uid ?? null
      // As it is stored: whoever has another mailbox by a difference of case is sent nothing.
      const email = known?.email ?? typed
      const key = keyOf(tenantId, person ?? nobody, attempt)
      const { issued, isSent } = await store.run(async (tx) => ({
        isSent: await deps.throttles.loginCode(tx, { tenantId, person, email, caller }),
        issued: await deps.codes.issue(tx, key, { email }),
      }))
      const detail = { uid: person ?? nobody, email }
      await attempts.begin({ tenantId, kind: 'email', channel: 'email', detail }, browser, attempt)
      const [user, tenant] = await Promise.all([
        store.stores.directory.user(tenantId, person ?? nobody),
        store.stores.tenants.tenant(tenantId),
      ])
      if (isSent && user !== null) {
        deps.codeSender.sendAfter(answered(), {
          ...issued,
          key,
          via: 'email',
          address: { email },
          name: user.name,
          locale: personLocale(user, tenant?.locale ?? null, deps.locale),
          timeZone: user.timeZone ?? tenant?.timeZone ?? deps.timeZone,
        })
      }
      return { attempt, resendAfter: resendAfterMs / 1_000, validFor: codeValidMs / 1_000 }
    },

    async finish({ attempt, code }, browser) {
      const begun = await store.stores.sessions.attempt('email', digestOf(attempt), now())
      if (begun === null || begun.browserHash !== digestOf(browser)) throw begunElsewhere()
      const { tenantId } = begun
      await requireOpen(tenantId)
      const { uid = nobody, email = '' } = begun.detail
      // A wrong code is an outcome: what it has cost is committed.
      const outcome = await store.run(async (tx) => {
        const checked = await deps.codes.check(tx, keyOf(tenantId, uid, attempt), { email }, code)
        const why = checked.kind === 'right' ? await refusalOf(tx, tenantId, uid, email) : refusals[checked.kind]
        if (why === null) {
          await tx.sessions.takeAttempt('email', digestOf(attempt), now())
          return tx.directory.user(tenantId, uid)
        }
        // Only what was compared: of that there are five, and the audit is for ever.
        const isCounted = uid !== nobody && checked.kind !== 'none'
        if (isCounted) await auditRefusal(tx, { tenantId, way: 'email', uid, reason: why, at: now() })
        return why
      })
      if (outcome === 'code_expired') throw new AppError(outcome, 'this code can be used no more; ask for another')
      if (outcome === null || outcome === 'code_wrong') throw new AppError('code_wrong', 'this is not the code')
      return outcome
    },
  }
}

const refusals = { wrong: 'code_wrong', none: 'code_expired' } as const

/** What may have changed since the code was sent: then it is as good as no code. */
async function refusalOf(
  tx: Pick<Stores, 'loginWays'>,
  tenantId: TenantId,
  uid: Uid,
  email: string,
): Promise<'code_wrong' | 'code_expired' | null> {
  if (uid === nobody) return 'code_wrong'
  return (await onlyPersonOf(tx, tenantId, email))?.uid === uid ? null : 'code_expired'
}

/** An address of two people tells neither from the other, so it lets in nobody. */
async function onlyPersonOf(
  { loginWays }: Pick<Stores, 'loginWays'>,
  tenantId: TenantId,
  email: string,
): Promise<OwnEmail | null> {
  const [person, another] = await loginWays.peopleOfEmail(tenantId, email)
  return person !== undefined && another === undefined ? person : null
}

function keyOf(tenantId: TenantId, uid: Uid, attempt: string): CodeKey {
  return { tenantId, uid, purpose: 'login', channel: 'email', attempt: digestOf(attempt) }
}
