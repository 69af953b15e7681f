/** Where the H5 app lives; also the OAuth redirect URL, so it is pinned to the letter. */
export const h5Path = '/console/mobile/index/'

/** A link into the H5 app that lands on the ticket after log-in, and knows through which app the person came. */
export function ticketLink(
  publicUrl: string,
  target: { tenant: string; channel: string; corpId?: string | undefined; ticketId: string },
): string {
  const query = new URLSearchParams({ t: target.tenant, c: target.channel })
  if (target.corpId !== undefined) query.set('corpId', target.corpId)
  query.set('ticket', target.ticketId)
  return `${publicUrl}${h5Path}?${query}`
}

/** A link to a person's own list in the H5 app. */
export function listLink(publicUrl: string, target: { tenant: string; channel: string }): string {
  return `${publicUrl}${h5Path}?${new URLSearchParams({ t: target.tenant, c: target.channel })}`
}
