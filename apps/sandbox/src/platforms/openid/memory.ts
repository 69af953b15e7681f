import type { Adapter, AdapterPayload } from 'oidc-provider'

const longestSeconds = 600

/** What a provider remembers until it is closed: ten minutes at most, of a log-in that is under way. */
export function createMemory(): (model: string) => Adapter {
  const stored = new Map<string, { payload: AdapterPayload; expiresAt: number }>()
  return (model) => {
    const key = (id: string): string => `${model}:${id}`
    const find = async (id: string): Promise<AdapterPayload | undefined> => {
      const found = stored.get(key(id))
      return found === undefined || found.expiresAt <= Date.now() ? undefined : found.payload
    }
    const findBy = async (name: 'uid' | 'userCode', value: string): Promise<AdapterPayload | undefined> =>
      [...stored]
        .filter(([at, { expiresAt }]) => at.startsWith(`${model}:`) && expiresAt > Date.now())
        .map(([, { payload }]) => payload)
        .find((payload) => payload[name] === value)
    return {
      find,
      findByUid: (uid) => findBy('uid', uid),
      findByUserCode: (userCode) => findBy('userCode', userCode),
      async upsert(id, payload, expiresIn) {
        stored.set(key(id), { payload, expiresAt: Date.now() + (expiresIn ?? longestSeconds) * 1_000 })
      },
      async consume(id) {
        const payload = await find(id)
        if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1_000)
      },
      async destroy(id) {
        stored.delete(key(id))
      },
      async revokeByGrantId(grantId) {
        for (const [at, { payload }] of stored) if (payload.grantId === grantId) stored.delete(at)
      },
    }
  }
}
