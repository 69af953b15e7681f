import { describe, expect, it } from 'vitest'
import { certificateFinding } from './certificate.ts'
import { examineSenderDomain } from './sender-domain.ts'

const day = 24 * 60 * 60 * 1_000

describe('the certificate of a mail server', () => {
  it.each([
    [15 * day, 'ok'],
    [13 * day, 'warning'],
  ] as const)('that holds for %i ms more is %s', (left, status) => {
    const finding = certificateFinding({ protocol: 'TLSv1.3', validTo: left, issuer: 'A CA' }, 0)
    expect(finding).toMatchObject({ id: 'mail_encryption', status })
    expect(finding.evidence('en')).toContain('A CA')
  })
})

describe('the domain of the sender', () => {
  const silent = (code: string): Error => Object.assign(new Error(code), { code })
  const dns =
    (zone: Record<string, string[][] | Error>) =>
    async (name: string): Promise<string[][]> => {
      const found = zone[name] ?? silent('ENOTFOUND')
      if (found instanceof Error) throw found
      return found
    }
  const ask = async (zone: Record<string, string[][] | Error>) => {
    const findings = await examineSenderDomain('approve@mail.acme.example', dns(zone))
    return findings.map(({ id, status, optional, evidence }) => [id, status, optional, evidence('en')])
  }

  it('is in order with records of its own, long ones in parts, DMARC also of the domain above', async () => {
    const zone = {
      'mail.acme.example': [['google-site=1'], ['v=spf1 include:a.example ', '-all']],
      '_dmarc.acme.example': [['v=DMARC1; p=reject']],
    }
    expect(await ask(zone)).toEqual([
      ['mail_spf', 'ok', true, 'mail.acme.example: v=spf1 include:a.example -all'],
      ['mail_dmarc', 'ok', true, '_dmarc.mail.acme.example: v=DMARC1; p=reject'],
    ])
  })

  it('is warned of without them, and left unknown by a DNS that does not answer', async () => {
    expect((await ask({})).map(([id, status]) => [id, status])).toEqual([
      ['mail_spf', 'warning'],
      ['mail_dmarc', 'warning'],
    ])
    const down = { 'mail.acme.example': silent('ETIMEOUT'), '_dmarc.mail.acme.example': silent('ECONNREFUSED') }
    expect((await ask(down)).map(([id, status]) => [id, status])).toEqual([
      ['mail_spf', 'unknown'],
      ['mail_dmarc', 'unknown'],
    ])
  })
})
