import type { SmsSettings } from './settings.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000
/** Minutes and hours are those of the wall in China; whole hours of offset leave the minutes as they are. */
const CHINA_OFFSET_MS = 8 * HOUR_MS

/** One accepted submission. */
interface Submission {
  number: string
  signName: string
  templateCode: string
  isCode: boolean
  at: number
}

export type Attempt = Omit<Submission, 'at'>

/**
 * How often one mainland number may be written to. Minutes and hours are calendar windows of UTC+8, a day is the last 24
 * hours; what was accepted counts, delivered or not.
 */
export class FlowControl {
  readonly #settings: SmsSettings
  #submissions: Submission[] = []

  constructor(settings: SmsSettings) {
    this.#settings = settings
  }

  /** The refusal's text that this attempt earns, or undefined when it may go. Nothing is counted. */
  refuse(attempt: Attempt, now: number): string | undefined {
    const { codesPerMinute, codesPerHour, codesPerDay, codesPerNumberAndDay, noticesPerDay } = this.#settings
    const recent = this.#recent(now).filter(({ number }) => number === attempt.number)
    if (!attempt.isCode) {
      const same = recent.filter(
        ({ isCode, signName, templateCode }) =>
          !isCode && signName === attempt.signName && templateCode === attempt.templateCode,
      )
      return exceeds(same.length, noticesPerDay) ? `触发天级流控Permits:${noticesPerDay}` : undefined
    }
    const codes = recent.filter(({ isCode }) => isCode)
    const signed = codes.filter(({ signName }) => signName === attempt.signName)
    const inWindow = (size: number) => signed.filter(({ at }) => windowOf(at, size) === windowOf(now, size)).length
    if (exceeds(inWindow(MINUTE_MS), codesPerMinute)) return `触发分钟级流控Permits:${codesPerMinute}`
    if (exceeds(inWindow(HOUR_MS), codesPerHour)) return `触发小时级流控Permits:${codesPerHour}`
    if (exceeds(signed.length, codesPerDay)) return `触发天级流控Permits:${codesPerDay}`
    return exceeds(codes.length, codesPerNumberAndDay) ? `触发号码天级流控Permits:${codesPerNumberAndDay}` : undefined
  }

  count(attempt: Attempt, now: number): void {
    this.#submissions = this.#recent(now)
    this.#submissions.push({ ...attempt, at: now })
  }

  clear(): void {
    this.#submissions = []
  }

  #recent(now: number): Submission[] {
    return this.#submissions.filter(({ at }) => now - at < DAY_MS)
  }
}

/** Zero switches a limit off. */
function exceeds(used: number, limit: number): boolean {
  return limit > 0 && used >= limit
}

function windowOf(at: number, size: number): number {
  return Math.floor((at + CHINA_OFFSET_MS) / size)
}
