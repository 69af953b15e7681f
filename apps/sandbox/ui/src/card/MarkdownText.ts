import { defineComponent, h, type VNode } from 'vue'
import { type Block, type Inline, parseMarkdown } from './markdown.ts'

/** Draws markdown as elements, never as HTML text: a card cannot bring its own markup into the page. */
export const MarkdownText = defineComponent({
  props: { source: { type: String, required: true } },
  emits: { link: (_url: string) => true },
  setup(props, { emit }) {
    const inline = (piece: Inline): VNode | string => {
      switch (piece.kind) {
        case 'text':
          return piece.text
        case 'bold':
          return h('strong', piece.inner.map(inline))
        case 'italic':
          return h('em', piece.inner.map(inline))
        case 'strike':
          return h('s', piece.inner.map(inline))
        case 'code':
          return h('code', piece.text)
        case 'font':
          return h('span', { style: { color: `var(--lark-${piece.color}, ${piece.color})` } }, piece.inner.map(inline))
        case 'tag':
          return h('span', { class: 'text-tag', 'data-color': piece.color }, piece.inner.map(inline))
        case 'mention':
          return h('span', { class: 'mention' }, `@${piece.id}`)
        case 'break':
          return h('br')
        case 'link':
          return h(
            'a',
            {
              href: /^https?:/.test(piece.url) ? piece.url : '#',
              onClick: (event: Event) => {
                event.preventDefault()
                emit('link', piece.url)
              },
            },
            piece.inner.map(inline),
          )
      }
    }
    const block = (one: Block): VNode => {
      switch (one.kind) {
        case 'paragraph':
          return h('p', one.inner.map(inline))
        case 'heading':
          return h(`h${Math.min(one.level + 1, 6)}`, one.inner.map(inline))
        case 'quote':
          return h('blockquote', one.inner.map(inline))
        case 'list':
          return h(
            one.isOrdered ? 'ol' : 'ul',
            one.items.map((item) => h('li', item.map(inline))),
          )
        case 'code':
          return h('pre', { 'data-language': one.language, dir: 'ltr' }, h('code', one.text))
        case 'rule':
          return h('hr')
      }
    }
    return () => h('div', { class: 'markdown', dir: 'auto' }, parseMarkdown(props.source).map(block))
  },
})
