import type { GuidedChannel, WelcomeStep } from '@countersign/contracts'
import { guidedChannels, welcomeSteps } from '@countersign/contracts/vocabulary'

/** The pages of the guide in their order. The last one is no step: it says what comes next. */
export const guidePages = [...welcomeSteps, 'done'] as const satisfies readonly (WelcomeStep | 'done')[]
export type GuidePage = (typeof guidePages)[number]

export const isGuidePage = (name: string | undefined): name is GuidePage => guidePages.some((page) => page === name)
export const isGuided = (name: string | undefined): name is GuidedChannel =>
  guidedChannels.some((channel) => channel === name)

export const isDingtalk = (channel: GuidedChannel): boolean => channel === 'dingtalk' || channel === 'dingtalkExclusive'

export function neighbour(page: GuidePage, distance: 1 | -1): GuidePage | undefined {
  return guidePages[guidePages.indexOf(page) + distance]
}
