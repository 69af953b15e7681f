import type { Core } from '#sandbox/core.ts'
import { freshId } from '#sandbox/ids.ts'
import type { DingtalkApp, Person } from '#sandbox/world.ts'

/** Five minutes, once (enterprise-internal-application-logon-free page). */
const CODE_LIFE_MS = 5 * 60_000

/** `in-app`: from the web view, for `getuserinfo`; `redirect`: from the log-in page, for `userAccessToken`. */
export type CodeKind = 'in-app' | 'redirect'

interface Code {
  kind: CodeKind
  appKey: string
  personId: string
  /** Whether the company was asked for, with the scope `corpid`. */
  tellsCompany: boolean
  expiresAt: number
  isUsed: boolean
}

/** Log-in codes of both kinds; neither can be used in the place of the other. */
export class AuthCodes {
  readonly #core: Core
  readonly #codes = new Map<string, Code>()

  constructor(core: Core) {
    this.#core = core
  }

  issue(app: DingtalkApp, person: Person, kind: CodeKind, tellsCompany = false): string {
    const code = freshId('')
    this.#codes.set(code, {
      kind,
      appKey: app.appKey,
      personId: person.id,
      tellsCompany,
      expiresAt: this.#core.clock.now() + CODE_LIFE_MS,
      isUsed: false,
    })
    return code
  }

  /** Spends a code; or why it is worth nothing. */
  spend(
    app: DingtalkApp,
    code: string,
    kind: CodeKind,
  ): { person: Person; tellsCompany: boolean } | 'unknown' | 'used' | 'expired' {
    const stored = this.#codes.get(code)
    const person = this.#core.world.people.get(stored?.personId ?? '')
    if (stored === undefined || person === undefined || stored.kind !== kind || stored.appKey !== app.appKey) {
      return 'unknown'
    }
    if (stored.isUsed) return 'used'
    if (stored.expiresAt <= this.#core.clock.now()) return 'expired'
    stored.isUsed = true
    return { person, tellsCompany: stored.tellsCompany }
  }

  clear(): void {
    this.#codes.clear()
  }
}
