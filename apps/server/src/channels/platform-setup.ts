import type { ChannelSetup } from '@countersign/contracts'

/** What an administrator enters in the console of a platform, and where that is. */
export type PlatformSetup = Pick<
  ChannelSetup,
  'consoleUrl' | 'addresses' | 'permissions' | 'hasCardTemplate' | 'cardPlatformUrl'
>

/** Stands for the platform's id of the app, which an administrator may not have yet. */
export const appPlace = '{app}'

/** Where the platforms send people after a log-in. */
export const redirectUrl = (publicUrl: string): string => `${publicUrl}/console/mobile/index/`
