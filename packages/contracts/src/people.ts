import { z } from 'zod'

/* How people and their addresses are written, in the provisioning file and in their own settings alike. */

export const Secret = z.string().min(1).max(1_024)

/** International form, `+` and 7 to 15 digits. */
export const Mobile = z.string().regex(/^\+[1-9]\d{6,14}$/, 'must be in international form, such as +6591234567')
export const Email = z.email().max(320)
export const EmployeeId = z.string().min(1).max(128)

export const TimeZone = z.string().refine((zone) => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }))
  } catch {
    return false
  }
}, 'must be an IANA time zone, such as Asia/Singapore')
