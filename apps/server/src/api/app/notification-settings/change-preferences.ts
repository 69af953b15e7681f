import type { ParsedBodyOf } from '@countersign/contracts'
import { AppError } from '#server/errors.ts'
import type { NotificationSettingsDeps, Subject } from './deps.ts'

/** What is left out stays; null goes back to the default. Throws `not_found`. */
export async function changePreferences(
  { store, now, committed }: NotificationSettingsDeps,
  { tenantId, uid, actor }: Subject,
  change: ParsedBodyOf<'changeNotificationSettings'>,
): Promise<void> {
  await store.run(async (tx) => {
    await tx.settings.lock()
    const person = await tx.notificationSettings.person(tenantId, uid)
    if (person === null) throw new AppError('not_found', 'there is no such person')
    const { locale, timeZone, quietHours, digestAt } = change
    const own = {
      locale: locale === undefined ? person.own.locale : locale,
      timeZone: timeZone === undefined ? person.own.timeZone : timeZone,
      quietHours: quietHours === undefined ? person.own.quietHours : quietHours,
      digestAt: digestAt ?? person.own.digestAt,
    }
    if (JSON.stringify(own) === JSON.stringify(person.own)) return
    await tx.notificationSettings.putPreferences(tenantId, uid, own)
    await tx.notices.reconsider(tenantId, uid, now())
    const { from, to } = own.quietHours ?? {}
    const detail = {
      locale: own.locale,
      timeZone: own.timeZone,
      quietHours: from === undefined ? null : `${from}-${to}`,
      digestAt: own.digestAt,
    }
    const target = `user:${uid}`
    await tx.audit.append({ tenantId, at: now(), actor, action: 'notification.preferences_changed', target, detail })
  })
  committed()
}
