/** The name in a From header, without its address; the address when there is no name. */
export function senderName(from: string): string {
  const name = from
    .replace(/<[^>]*>/, '')
    .replaceAll('"', '')
    .trim()
  return name === '' ? from.replace(/[<>]/g, '') : name
}
