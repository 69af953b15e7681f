import type { PermissionUse } from '@countersign/contracts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { type Finding, isOwnAnswer, notTold } from '#server/channels/finding.ts'
import { sharedPhrases } from '#server/channels/finding-phrases.ts'
import { isBusy, isMissingRight } from '../errors.ts'
import { type DingtalkPatient, rightPage } from './patient.ts'

/*
 * No call lists the rights that an app has. But each call checks them before anything else: asked for something that does
 * not exist, it says either that, and the right is there, or that the right is missing.
 */

/** `answered`: the right is there; `error` is what the platform said after that, if it was no success. */
export type Probed = { answered: true; error: ChannelError | null } | { answered: false; error: ChannelError }

export async function probe(request: () => Promise<unknown>): Promise<Probed> {
  try {
    await request()
    return { answered: true, error: null }
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    const answered = isOwnAnswer(error) && !isBusy(error) && !isMissingRight(error)
    return answered ? { answered, error } : { answered: false, error }
  }
}

export interface RightQuestion {
  key: string
  call: string
  /** `required` unless given. */
  use?: Extract<PermissionUse, 'required' | 'directory' | 'unused'>
}

export function rightFinding(
  patient: DingtalkPatient,
  { key, call, use = 'required' }: RightQuestion,
  probed: Probed,
): Finding {
  const id = `permission.${key}`
  const optional = use === 'required' ? {} : { optional: true }
  if (probed.answered) return { id, status: 'ok', ...optional, evidence: sharedPhrases('granted', { call }) }
  const { error } = probed
  if (!isMissingRight(error)) return { ...notTold({ id, call }, error), ...optional }
  if (use !== 'required') {
    const evidence = use === 'directory' ? sharedPhrases('onlyDirectory', { call }) : sharedPhrases('notNeeded')
    return { id, status: 'ok', optional: true, evidence, code: error.code }
  }
  return {
    id,
    status: 'failed',
    evidence: sharedPhrases('notGranted', { call }),
    code: error.code,
    fix: sharedPhrases('grant', { permission: key }),
    link: rightPage(patient, key),
  }
}
