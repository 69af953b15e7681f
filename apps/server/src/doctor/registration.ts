import type { Channel } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { type Finding, type Fix, isOwnAnswer, notAsked, notTold, refused } from '#server/channels/finding.ts'
import type { DoctorDeps, ExamineOptions } from './doctor.ts'
import { doctorPhrases as say } from './phrases.ts'

const question = { id: 'callback_registration', call: 'callbacks/register' }

const replaceFix: Fix = { console: say('replaceByButton'), cli: say('replaceByWord'), api: say('replaceByField') }

/** Tells the platform our callback address, where it is told by call, and says what stands there. */
export async function examineRegistration(
  deps: Pick<DoctorDeps, 'register' | 'publicUrl' | 'store' | 'now'>,
  channel: Channel,
  {
    replaceCallback,
    actor,
    maySpendCalls,
  }: Pick<ExamineOptions, 'replaceCallback' | 'actor'> & { maySpendCalls: boolean },
): Promise<Finding[]> {
  // Without a secret the platform would sign nothing, and we believe nothing.
  if (channel.registerCallback === undefined || !channel.takesActions) return []
  const { id } = question
  if (!maySpendCalls && !replaceCallback) return [notAsked(id)]
  try {
    const { publicUrl } = deps
    const found = await deps.register(channel, { replace: replaceCallback })
    if (found.state === 'registered') {
      const { replaced } = found
      if (replaced === undefined) return [{ id, status: 'ok', evidence: say('registered', { publicUrl }) }]
      await auditReplaced(deps, channel, actor, replaced)
      return [{ id, status: 'ok', evidence: say('replaced', { publicUrl, url: replaced }) }]
    }
    const evidence = say('taken', { url: found.url })
    return [{ id, status: 'failed', evidence, fix: replaceFix }]
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    return [isOwnAnswer(error) ? refused(question, error, { fix: say('registerAgain') }) : notTold(question, error)]
  }
}

/** Taps of another host's cards come here from now on: it must be known who wanted that. */
async function auditReplaced(
  { store, publicUrl, now }: Pick<DoctorDeps, 'store' | 'publicUrl' | 'now'>,
  { tenantId, name }: Channel,
  actor: string,
  replaced: string,
): Promise<void> {
  const target = `channel:${name}`
  const entry = {
    tenantId,
    at: now(),
    actor,
    action: 'channel.callback_replaced',
    target,
    detail: { replaced, publicUrl },
  }
  await store.run((tx) => tx.audit.append(entry))
}
