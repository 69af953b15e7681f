const gsmCharacters = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
)
/** Two septets each. */
const gsmExtended = new Set('^{}\\[~]|€')

/** How many messages a text is billed as: 160 or 153 septets, 70 or 67 UTF-16 units each; the mainland counts the latter. */
export function countSegments(text: string, isMainland: boolean): number {
  const characters = [...text]
  const isGsm = !isMainland && characters.every((one) => gsmCharacters.has(one) || gsmExtended.has(one))
  const length = isGsm ? characters.reduce((sum, one) => sum + (gsmExtended.has(one) ? 2 : 1), 0) : text.length
  const [single, part] = isGsm ? [160, 153] : [70, 67]
  return length <= single ? 1 : Math.ceil(length / part)
}
