import type { Examinable, Examination, Finding } from './finding.ts'

/** Nothing has happened yet, and anything may be asked. */
export const freshExamination: Examination = {
  publicUrl: 'https://approve.example.com',
  now: Date.parse('2026-11-02T09:00:00Z'),
  sightings: [],
  people: [],
  recentDeliveries: [],
  addresses: [],
  maySpendCalls: true,
  signal: new AbortController().signal,
}

/** All that a channel finds out about itself. */
export async function findingsOf(channel: Partial<Examinable>, examination: Examination): Promise<Finding[]> {
  const findings: Finding[] = []
  for await (const finding of channel.examine?.(examination) ?? []) findings.push(finding)
  return findings
}
