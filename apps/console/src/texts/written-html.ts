import { type FunctionalComponent, h, type VNodeChild } from 'vue'

/**
 * The body of a mail as the server writes it, made of elements of our own: those that a text can have (`br`, `strong`,
 * `bdi`, links to web pages) and the text of all others. Nothing of it is put into the page as HTML.
 */
export const WrittenHtml: FunctionalComponent<{ html: string }> = ({ html }) =>
  h('div', [...new DOMParser().parseFromString(html, 'text/html').body.childNodes].map(shown))
WrittenHtml.props = { html: { type: String, required: true } }

function shown(node: ChildNode): VNodeChild {
  if (!(node instanceof Element)) return node.textContent
  const inner = [...node.childNodes].map(shown)
  switch (node.localName) {
    case 'br':
      return h('br')
    case 'strong':
    case 'bdi':
      return h(node.localName, inner)
    case 'a': {
      const href = node.getAttribute('href') ?? ''
      return /^https?:\/\//.test(href) ? h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, inner) : inner
    }
    default:
      return inner
  }
}
