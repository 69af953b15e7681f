import { ref } from 'vue'
import { remember, remembered } from './remember.ts'

export const schemes = ['system', 'light', 'dark'] as const
export type Scheme = (typeof schemes)[number]

const key = 'countersign.console.scheme'
const wanted = window.matchMedia('(prefers-color-scheme: dark)')
const isScheme = (value: string | null): value is Scheme => schemes.some((scheme) => scheme === value)
const kept = remembered(key)

/** What the person chose; `system` follows the computer. */
export const scheme = ref<Scheme>(isScheme(kept) ? kept : 'system')

/** What is on the screen now. */
export const isDark = ref(false)

/** The component library knows the dark scheme by a class on the document. */
function apply(): void {
  isDark.value = scheme.value === 'dark' || (scheme.value === 'system' && wanted.matches)
  document.documentElement.classList.toggle('dark', isDark.value)
}

export function followScheme(): void {
  wanted.addEventListener('change', apply)
  apply()
}

export function chooseScheme(chosen: Scheme): void {
  scheme.value = chosen
  remember(key, chosen)
  apply()
}
