import type { Channel } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { type Finding, notTold } from '#server/channels/finding.ts'
import type { DoctorDeps } from './doctor.ts'
import { doctorPhrases as say } from './phrases.ts'

/** Looked up per call, and in all. */
const AT_ONCE = 50
const MOST_ASKED = 500
const MOST_NAMED = 20
const question = { id: 'people_unmapped', call: 'look-up of people' }

/** Whether everybody who is bound to the channel is known on the platform. Remembers nothing of the answers. */
export async function examinePeople({ store }: Pick<DoctorDeps, 'store'>, channel: Channel): Promise<Finding[]> {
  const { tenantId, name } = channel
  const { directory } = store.stores
  const { id } = question
  const known = (await directory.known(tenantId, name)).length
  const unresolved = await directory.unresolved(tenantId, name)
  if (known + unresolved.length === 0) {
    return [{ id, status: 'warning', evidence: say('nobodyBound'), fix: say('bind') }]
  }
  const asked = unresolved.slice(0, MOST_ASKED)
  const missing: string[] = []
  try {
    for (let from = 0; from < asked.length; from += AT_ONCE) {
      const part = asked.slice(from, from + AT_ONCE)
      const found = await channel.resolve(part.map(({ address }) => address))
      missing.push(...part.filter((_, index) => (found[index] ?? null) === null).map(({ uid }) => uid))
    }
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    return [notTold(question, error)]
  }
  const found = known + asked.length - missing.length
  if (missing.length === 0) {
    const isComplete = asked.length === unresolved.length
    const left = unresolved.length - asked.length
    const evidence = isComplete ? say('everybody', { found }) : say('notAllAsked', { found, left })
    return [{ id, status: isComplete ? 'ok' : 'unknown', evidence }]
  }
  const named = missing.slice(0, MOST_NAMED).join(', ')
  const people = missing.length > MOST_NAMED ? `${named}, …` : named
  const evidence = say('unmapped', { found, count: missing.length, people })
  return [{ id, status: 'warning', evidence, fix: say('correct') }]
}
