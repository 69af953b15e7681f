import { AppError } from '#server/errors.ts'
import { audit } from './audit.ts'
import type { ChannelSubject, NotificationSettingsDeps } from './deps.ts'
import { leaveAddress } from './leave-address.ts'

/**
 * Forgets the address of a channel; where there is none, nothing happens. Allowed also when nothing else reaches the person
 * (the settings then say `unreachable`): whose phone is lost must be able to say so at once. Throws `provisioned`.
 */
export async function removeChannel(deps: NotificationSettingsDeps, subject: ChannelSubject): Promise<void> {
  const { tenantId, uid, channel } = subject
  await deps.store.run(async (tx) => {
    await tx.settings.lock()
    const before = await tx.notificationSettings.channel(tenantId, uid, channel)
    if (before === null) return
    if (before.provisioned) {
      throw new AppError('provisioned', 'this address stands in the provisioning file; it can be removed there only')
    }
    await leaveAddress(deps, tx, subject, null)
    await tx.notificationSettings.removeChannel(tenantId, uid, channel)
    await audit(tx, subject, 'notification.channel_removed', {}, deps.now())
  })
  deps.committed()
}
