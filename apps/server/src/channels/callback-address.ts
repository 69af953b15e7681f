/** Where a platform calls us, by the name that it has in the address and its own id of the app. */
export function callbackAddress(publicUrl: string, calledAs: string, appId: string, part?: string): string {
  const address = `${publicUrl}/callbacks/${calledAs}/${encodeURIComponent(appId)}`
  return part === undefined ? address : `${address}/${part}`
}
