import { z } from 'zod'

const minute = 60_000
const hour = 60 * minute
/** A person is reminded of a ticket at most once in this time, in milliseconds. */
export const remindEveryMs = hour
const longestMs = 60 * 24 * hour

/** Milliseconds of an ISO 8601 duration in days, hours and minutes, such as `P1DT4H` or `PT90M`. */
export function durationMs(duration: string): number {
  const [, days = 0, hours = 0, minutes = 0] =
    /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(duration)?.map((part) => Number(part ?? 0)) ?? []
  return days * 24 * hour + hours * hour + minutes * minute
}

/**
 * One step for somebody who has been asked and has not decided: a reminder, so long after they were asked. `buzz`: as an
 * urgent message on the card that they have, where the channel has such (Lark, Feishu); elsewhere it is a plain reminder.
 */
export const ReminderStep = z.strictObject({
  after: z
    .string()
    .regex(/^P(?=\d|T\d)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?)?$/, 'must be an ISO 8601 duration such as PT4H or P1D')
    .refine((after) => durationMs(after) >= minute && durationMs(after) <= longestMs, 'must be a minute to 60 days'),
  buzz: z.boolean().default(false),
})
export type ReminderStep = z.infer<typeof ReminderStep>

/** Steps in their order, at least an hour apart: nobody is reminded of a ticket more often. Empty: no reminders. */
export const ReminderLadder = z
  .array(ReminderStep)
  .max(10)
  .superRefine((steps, context) => {
    for (const [index, { after }] of steps.entries()) {
      const before = steps[index - 1]
      if (before === undefined || durationMs(after) - durationMs(before.after) >= remindEveryMs) continue
      context.addIssue({
        code: 'custom',
        path: [index, 'after'],
        message: 'must be an hour later than the step before',
      })
    }
  })
