/*
 * How many messages a text is billed as (GSM 03.38). With nothing but its alphabet a text has 160 characters, or parts of
 * 153; with any other character 70, or parts of 67.
 */

const basic =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà'
/** Sent as two. */
const extended = '^{}\\[~]|€\f'
const basicSet = new Set(basic)
const extendedSet = new Set(extended)

export function countSegments(text: string): number {
  const isGsm = [...text].every((character) => basicSet.has(character) || extendedSet.has(character))
  const units = isGsm
    ? [...text].reduce((sum, character) => sum + (extendedSet.has(character) ? 2 : 1), 0)
    : text.length
  const [single, part] = isGsm ? [160, 153] : [70, 67]
  return units <= single ? 1 : Math.ceil(units / part)
}
