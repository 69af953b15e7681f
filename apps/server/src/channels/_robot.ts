/* What group robots have in common, as tests need it. */

/** Our own link, as a channel writes it in markdown. */
const ownLink = /\[([^[\]]*)\]\((https:\/\/approve\.example\.com\/[^()\s]*)\)/g

/** A markdown text without our own links, and what in the rest a client would not show as it is written. */
export function marksIn(text: string): { said: { text: string; marks: string[] }; links: string[] } {
  const links = Array.from(text.matchAll(ownLink), ([, , url = '']) => url)
  const rest = text.replace(ownLink, '$1').replace(/^### /gm, '')
  const marks = rest.match(/\]\(|<[a-z/@]|@|`|!\[|\*\*?|__?|~|https?:\/\/|^\s*#+\s|^>|^\|/gim) ?? []
  return { said: { text: rest, marks: [...marks] }, links }
}

/** Addresses by which a person could have the host speak to something else than a robot of the platform. */
export function hostileRobotUrls(origin: string, path: string, token: string): string[] {
  const host = new URL(origin).host
  const query = `${path}?${token}=0123456789`
  return [
    `http://${host}${query}`,
    `${origin}.${query}`,
    `${origin}:8443${query}`,
    `https://user@${host}${query}`,
    `https://user:password@${host}${query}`,
    `https://${host}@evil.example${query}`,
    `https://evil.example/${host}${query}`,
    `https://${host}.evil.example${query}`,
    `https://evil-${host}${query}`,
    `https://evil.example${query}`,
    `https://evil.example#${origin}${query}`,
    `https://evil.example\\@${host}${query}`,
    `https://127.0.0.1${query}`,
    `https://localhost${query}`,
    `https://[::1]${query}`,
    `https://169.254.169.254${query}`,
    `https://2130706433${query}`,
    `${origin}/`,
    `${origin}${path}`,
    `${origin}${path}?${token}=`,
    `${origin}${path}/../other?${token}=0123456789`,
    `${origin}/other?${token}=0123456789`,
    `ftp://${host}${query}`,
    `file:///etc/passwd?${token}=0123456789`,
    `javascript:alert(1)//${host}${query}`,
    `data:text/html,${host}${query}`,
    `https://${host.replaceAll('.', '．')}.${query}`,
    'not an address',
    '',
  ]
}
