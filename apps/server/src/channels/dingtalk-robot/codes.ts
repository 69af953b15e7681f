import type { RobotCodes } from '#server/channels/robot-answer.ts'

/** For so long the platform blocks a robot that was too fast; every call meanwhile is refused. */
const blockedMs = 10 * 60_000
const quotaMs = 60 * 60_000

/**
 * What the codes of a group robot mean. Source: DingTalk's page "custom robots send group messages", and for the two that
 * stand only elsewhere the README of this folder.
 */
export const dingtalkRobotCodes: RobotCodes = {
  [-1]: 'retry',
  // Keyword, signature or address list do not fit: whoever set up the robot must act.
  310000: 'auth',
  400102: 'auth',
  410100: { silentMs: blockedMs },
  130101: { silentMs: blockedMs },
  // The organisation's calls of the month are used up: one call an hour finds out when there are more.
  90020: { silentMs: quotaMs },
  400101: 'rejected',
  400105: 'rejected',
  40035: 'rejected',
  43004: 'rejected',
  430101: 'rejected',
  430102: 'rejected',
  430103: 'rejected',
  430104: 'rejected',
  460101: 'rejected',
  400106: 'gone',
  400013: 'gone',
}
