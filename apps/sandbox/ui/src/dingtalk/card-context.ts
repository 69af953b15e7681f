import type { InjectionKey } from 'vue'
import type { CardButton } from '../../../src/platforms/dingtalk/template/drawn-card.ts'

/** What every component of one DingTalk card shares. */
export interface DingtalkCardContext {
  /** What the person has typed or ticked, by field name. */
  values: Record<string, string>
  /** Names of required fields that were empty at the last press. */
  missing: Set<string>
  /** Whether this button waits for the server. */
  isBusy(button: CardButton): boolean
  press(button: CardButton): void
  open(url: string): void
}

export const dingtalkCardContext: InjectionKey<DingtalkCardContext> = Symbol('dingtalk card')
