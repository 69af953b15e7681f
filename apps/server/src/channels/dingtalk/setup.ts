import { DingtalkSettings } from '@countersign/contracts'
import { callbackAddress } from '#server/channels/callback-address.ts'
import { appPlace, type PlatformSetup, redirectUrl } from '#server/channels/platform-setup.ts'
import { cardPlatform, developerConsole } from './doctor/patient.ts'
import { dingtalkRights } from './doctor/rights.ts'
import { rightNames } from './right-names.ts'

/** As README.md says under "Setting it up in the console". The address of taps is told to the platform by call. */
export function dingtalkSetup(
  edition: 'dingtalk' | 'dingtalkExclusive',
  publicUrl: string,
  settings: Readonly<Record<string, unknown>>,
): PlatformSetup {
  const isCalled = DingtalkSettings.shape.connection.catch('http').parse(settings.connection) === 'http'
  const address = (part: string): string =>
    callbackAddress(publicUrl, 'dingtalk', appPlace, part).replace(encodeURIComponent(appPlace), appPlace)
  const called = [
    { place: 'robot' as const, value: address('robot') },
    { place: 'registered' as const, value: address('card') },
  ]
  return {
    consoleUrl: developerConsole,
    addresses: [
      { place: 'homePage', value: publicUrl },
      { place: 'redirectUrl', value: redirectUrl(publicUrl) },
      ...(isCalled ? called : []),
    ],
    permissions: dingtalkRights(edition).map(({ key, use }) => ({ key, name: rightNames[key] ?? key, use })),
    hasCardTemplate: true,
    cardPlatformUrl: cardPlatform,
  }
}
