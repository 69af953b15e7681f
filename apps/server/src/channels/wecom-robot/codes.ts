import type { RobotCodes } from '#server/channels/robot-answer.ts'

/** The limit is by the minute. */
const untilNextMinuteMs = 60_000

/** What the codes of a group robot mean. Source: WeCom's list of global error codes; see the README of this folder. */
export const wecomRobotCodes: RobotCodes = {
  // Busy: the platform itself advises up to three tries.
  [-1]: 'retry',
  45009: { silentMs: untilNextMinuteMs },
  // Switched off, and can be switched on again.
  93004: 'auth',
  93000: 'rejected',
  40058: 'rejected',
  40008: 'rejected',
  44004: 'rejected',
  93008: 'gone',
}
