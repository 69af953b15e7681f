/** Where the H5 app lives; also the OAuth redirect URL, so it is pinned to the letter. */
export const h5Path = '/console/mobile/index/'

/**
 * A link into the H5 app that lands on the ticket after log-in. `channel`: the app through which the person came, where
 * people can log in by it.
 */
export function ticketLink(
  publicUrl: string,
  target: { tenant: string; channel: string | null; corpId?: string | undefined; ticketId: string },
): string {
  const query = entry(target)
  if (target.corpId !== undefined) query.set('corpId', target.corpId)
  query.set('ticket', target.ticketId)
  return `${publicUrl}${h5Path}?${query}`
}

/** A link to a person's own list in the H5 app. */
export function listLink(publicUrl: string, target: { tenant: string; channel: string | null }): string {
  return `${publicUrl}${h5Path}?${entry(target)}`
}

function entry({ tenant, channel }: { tenant: string; channel: string | null }): URLSearchParams {
  return new URLSearchParams(channel === null ? { t: tenant } : { t: tenant, c: channel })
}
