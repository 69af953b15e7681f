import { plainSealer, type TestDatabase } from '#server/db/_engines.ts'
import { storeAddress } from '#server/db/user-address.ts'

export const robotOf = (name: string): string => `https://robots.example/${name}`

/** Binds people to group robots, as the provisioning file does, or as people do themselves. */
export async function bindRobots(
  { db }: Pick<TestDatabase, 'db'>,
  robots: Readonly<Record<string, string>>,
  provisioned: 0 | 1 = 1,
): Promise<void> {
  const rows = Object.entries(robots).map(([uid, url]) => {
    const address = storeAddress(plainSealer, { tenantId: 'acme', uid, channel: 'wecomRobot' }, { url })
    return { tenant_id: 'acme', uid, channel: 'wecomRobot', address, provisioned, updated_at: 0 }
  })
  await db.insertInto('user_channels').values(rows).execute()
}
