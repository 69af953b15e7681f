import type { Relation, WhoMay } from '@countersign/contracts'

const related = {
  reader: 'whoever may read the ticket',
  submitter: 'its submitter',
  approver: 'an approver whose turn it is',
  holder: 'whose session it is',
  owner: 'whose passkey it is',
  self: 'the person themself',
} as const satisfies Record<Relation, string>

/** Who may call an endpoint, as documents say it: `admin or dba`, `its submitter`. */
export function whoMayWords(may: WhoMay): string {
  switch (may.by) {
    case 'anybody':
      return 'anybody'
    case 'key':
      return `API key with \`${may.scope}\``
    case 'session': {
      // Whoever has a role that reads every ticket is a reader: the roles say more.
      if (may.roles !== 'everybody') return may.roles.join(', ')
      return may.as === undefined ? 'everybody' : [related[may.as], ...(may.orRoles ?? [])].join(', ')
    }
    default:
      return may satisfies never
  }
}
