import type { Channel } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { type Finding, isOwnAnswer, notAsked, notTold, refused } from '#server/channels/finding.ts'
import type { DoctorDeps } from './doctor.ts'
import { doctorPhrases as say } from './phrases.ts'

const question = { id: 'callback_registration', call: 'callbacks/register' }

/** Tells the platform our callback address, where it is told by call, and says what stands there. */
export async function examineRegistration(
  { register, publicUrl }: Pick<DoctorDeps, 'register' | 'publicUrl'>,
  channel: Channel,
  { replaceCallback, maySpendCalls }: { replaceCallback: boolean; maySpendCalls: boolean },
): Promise<Finding[]> {
  // Without a secret the platform would sign nothing, and we believe nothing.
  if (channel.registerCallback === undefined || !channel.takesActions) return []
  const { id } = question
  if (!maySpendCalls && !replaceCallback) return [notAsked(id)]
  try {
    const found = await register(channel, { replace: replaceCallback })
    if (found.state === 'registered') return [{ id, status: 'ok', evidence: say('registered', { publicUrl }) }]
    const evidence = say('taken', { url: found.url })
    return [{ id, status: 'failed', evidence, fix: say('replace') }]
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    return [isOwnAnswer(error) ? refused(question, error, { fix: say('registerAgain') }) : notTold(question, error)]
  }
}
