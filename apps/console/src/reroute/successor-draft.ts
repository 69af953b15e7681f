import type { Reroute } from '@countersign/contracts'

/** Who takes over, as it is being entered. */
export interface SuccessorDraft {
  to: string[]
  scope: Reroute['scope']
  comment: string
}

export const emptySuccessors = (): SuccessorDraft => ({ to: [], scope: 'open', comment: '' })

export function rerouteOf({ to, scope, comment }: SuccessorDraft): Reroute {
  const said = comment.trim()
  return { to, scope, ...(said === '' ? {} : { comment: said }) }
}
