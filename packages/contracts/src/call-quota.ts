import { z } from 'zod'

/**
 * What is done without as a month's calls run out, mildest first: `mergeUpdates` waits a few seconds, so that several
 * changes cost one call; `reminders` sends none; `onlookers` brings nothing to people other than the submitter and those
 * who must act; `cards` makes no new card, but sends one plain message to those who must act; `everything` waits for the
 * next month.
 */
export const savingSteps = ['mergeUpdates', 'reminders', 'onlookers', 'cards', 'everything'] as const
export const SavingStep = z.enum(savingSteps)
export type SavingStep = z.infer<typeof SavingStep>

const From = z.union([z.int().min(1).max(100), z.literal('never')]).optional()

/** From which percentage of the month's calls each step is taken; one that is not named has the default. */
export const SaveCallsFrom = z.strictObject({
  mergeUpdates: From,
  reminders: From,
  onlookers: From,
  cards: From,
  everything: From,
})
export type SaveCallsFrom = z.infer<typeof SaveCallsFrom>
