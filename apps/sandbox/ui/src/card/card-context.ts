import type { InjectionKey } from 'vue'
import type { JsonObject } from '../../../src/json.ts'
import type { Control } from '../../../src/platforms/lark/card/controls.ts'

/** What every component of one card shares. */
export interface CardContext {
  locale: string
  /** The control behind an element, and its position among the buttons. */
  find(element: JsonObject): { control: Control; index: number } | undefined
  /** What the person has typed, by field name. */
  values: Record<string, string>
  /** Names of required fields that were empty at the last press. */
  missing: Set<string>
  /** Index of the button that waits for the server, or -1. */
  busy: () => number
  press(control: Control, index: number): void
  open(url: string): void
}

export const cardContext: InjectionKey<CardContext> = Symbol('card')
