/** Addresses inside DingTalk's own links (message-link-description page): which parameter holds the page. */
const pageParameters: Record<string, string> = {
  '/page/link': 'url',
  '/action/im_open_hybrid_panel': 'pageUrl',
  '/action/open_platform_link': 'mobileLink',
  '/action/openapp': 'redirect_url',
}

/** The page that the client shows for an address on a card; other addresses are themselves. */
export function resolveDingtalkLink(address: string): string {
  const link = new URL(address)
  if (link.protocol !== 'dingtalk:') return address
  const parameter = pageParameters[link.pathname]
  const page = parameter === undefined ? null : link.searchParams.get(parameter)
  if (page === null || !URL.canParse(page)) throw new Error(`The client knows no page behind ${address}.`)
  return page
}
