/** A link into the H5 app that carries the organisation: DingTalk fills it in only for pages opened from its workbench. */
export function h5Link(link: string, corpId: string): string {
  const url = new URL(link)
  if (url.searchParams.get('corpId') === corpId) return link
  url.searchParams.set('corpId', corpId)
  return url.href
}

/** The same page beside the chat on a computer, where it can log in by itself. Document: message link description. */
export function sidePanelLink(link: string): string {
  return `dingtalk://dingtalkclient/page/link?${new URLSearchParams({ url: link, pc_slide: 'true' })}`
}
