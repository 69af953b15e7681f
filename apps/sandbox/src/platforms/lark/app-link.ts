import type { World } from '#sandbox/world.ts'

const hosts = ['applink.larksuite.com', 'applink.feishu.cn']

/**
 * The page that the client shows for an AppLink: `web_url/open?url=` names it, `web_app/open` leads into an app's home
 * with `path` (or `lk_target_url`) and every further query (open-an-h5-app.md). Other addresses are themselves.
 */
export function resolveAppLink(world: World, address: string): string {
  const link = new URL(address)
  if (!hosts.includes(link.host)) return address
  if (link.pathname === '/client/web_url/open') return link.searchParams.get('url') ?? address
  if (link.pathname !== '/client/web_app/open') return address
  const home = world.apps.get(link.searchParams.get('appId') ?? '')?.homeUrl
  if (home === undefined) return address
  const target = link.searchParams.get('lk_target_url')
  if (target !== null && URL.canParse(target) && new URL(target).origin === new URL(home).origin) return target
  const page = new URL(link.searchParams.get('path') ?? new URL(home).pathname, home)
  const own = ['appId', 'mode', 'path', 'lk_target_url', 'path_android', 'path_ios', 'path_pc']
  for (const [key, value] of link.searchParams) if (!own.includes(key)) page.searchParams.set(key, value)
  return page.href
}
