import { Resolver } from 'node:dns/promises'
import type { Finding } from '#server/channels/finding.ts'
import { emailPhrases as say } from './phrases.ts'

export type ResolveText = (name: string) => Promise<string[][]>

const textAtMost = 200
/** The name has no such record, or is none. */
const absentCodes: ReadonlySet<string> = new Set(['ENODATA', 'ENOTFOUND'])

export const resolveText: ResolveText = (name) => new Resolver({ timeout: 2_000, tries: 1 }).resolveTxt(name)

/**
 * What the DNS says about mail of the sender's domain (RFC 7208, RFC 7489). Hints alone: whether our own mail passes only a
 * receiver can tell.
 */
export async function examineSenderDomain(sender: string, resolve: ResolveText): Promise<Finding[]> {
  const domain = sender.slice(sender.lastIndexOf('@') + 1)
  const [spf, dmarc] = await Promise.all([
    find(resolve, [domain], /^v=spf1\b/i),
    find(resolve, dmarcNames(domain), /^v=DMARC1\b/i),
  ])
  return [
    findingOf('mail_spf', spf, domain, say('publishSpf', { domain })),
    findingOf('mail_dmarc', dmarc, `_dmarc.${domain}`, say('publishDmarc', { domain })),
  ]
}

/** A domain without one of its own has that of the domain above it. */
function dmarcNames(domain: string): string[] {
  const labels = domain.split('.')
  const above = labels.length > 2 ? [`_dmarc.${labels.slice(1).join('.')}`] : []
  return [`_dmarc.${domain}`, ...above]
}

type Found = { record: string } | { code: string } | null

async function find(resolve: ResolveText, names: readonly string[], wanted: RegExp): Promise<Found> {
  for (const name of names) {
    try {
      const records = (await resolve(name)).map((parts) => parts.join(''))
      const record = records.find((each) => wanted.test(each))
      if (record !== undefined) return { record }
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
      if (!absentCodes.has(code)) return { code }
    }
  }
  return null
}

function findingOf(id: string, found: Found, name: string, fix: Finding['fix'] & object): Finding {
  const optional = true
  if (found === null) return { id, status: 'warning', optional, evidence: say('noRecord', { name }), fix }
  if ('code' in found) {
    return { id, status: 'unknown', optional, evidence: say('dnsSilent', { name, code: found.code }), code: found.code }
  }
  return { id, status: 'ok', optional, evidence: say('record', { name, record: found.record.slice(0, textAtMost) }) }
}
