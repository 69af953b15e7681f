import { FeishuSettings, LarkSettings } from '@countersign/contracts'
import { callbackAddress } from '#server/channels/callback-address.ts'
import { appPlace, type PlatformSetup, redirectUrl } from '#server/channels/platform-setup.ts'
import { larkPermissions } from './doctor/permissions.ts'
import { permissionName } from './permission-names.ts'

const settingsOf = { lark: LarkSettings, feishu: FeishuSettings } as const

/** As README.md says under "Setting it up in the console". */
export function larkSetup(
  brand: 'lark' | 'feishu',
  publicUrl: string,
  settings: Readonly<Record<string, unknown>>,
): PlatformSetup {
  const { openUrl, connection } = settingsOf[brand].shape
  const console = openUrl.catch(openUrl.parse(undefined)).parse(settings.openUrl)
  const isCalled = connection.catch('http').parse(settings.connection) === 'http'
  const callback = callbackAddress(publicUrl, brand, appPlace).replace(encodeURIComponent(appPlace), appPlace)
  const called = [
    { place: 'callback' as const, value: callback },
    { place: 'event' as const, value: callback },
  ]
  return {
    consoleUrl: `${console}/app`,
    addresses: [
      { place: 'homePage', value: publicUrl },
      { place: 'redirectUrl', value: redirectUrl(publicUrl) },
      { place: 'trustedDomain', value: publicUrl },
      ...(isCalled ? called : []),
    ],
    permissions: larkPermissions(brand).map(({ key, for: use }) => ({ key, name: permissionName(brand, key), use })),
    hasCardTemplate: false,
    cardPlatformUrl: null,
  }
}
