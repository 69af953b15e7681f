import { type RouteName, routes } from '@countersign/contracts'

/** A route that was called, with the parameters of its path. */
export interface Called {
  name: RouteName
  id: string
  channel: string
}

const patterns = (Object.keys(routes) as RouteName[]).map((name) => ({
  name,
  method: routes[name].method,
  path: new RegExp(`^${routes[name].path.replace(/:(?:id|channel)/g, '([^/]+)')}$`),
}))

/** Which route of the contracts a request is for. */
export function findRoute(method: string, pathname: string): Called | undefined {
  for (const pattern of patterns) {
    const match = pattern.method === method ? pattern.path.exec(pathname) : null
    if (match === null) continue
    const [id = '', channel = ''] = match.slice(1).map(decodeURIComponent)
    return { name: pattern.name, id, channel }
  }
  return undefined
}
