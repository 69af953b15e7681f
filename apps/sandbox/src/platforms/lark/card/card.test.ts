import { describe, expect, it } from 'vitest'
import { approvalCard } from '#sandbox/_world.ts'
import type { JsonObject } from '#sandbox/json.ts'
import { checkCard, parseCardContent } from './card.ts'
import { renderProblem } from './card-error.ts'
import { components } from './v2-components.ts'

const text = (content: string) => ({ tag: 'plain_text', content })
const withElements = (...elements: unknown[]): JsonObject => ({ schema: '2.0', body: { elements } })
const submit = { tag: 'button', name: 'send', form_action_type: 'submit', text: text('Send') }
const form = (...elements: unknown[]) => ({ tag: 'form', name: 'f', elements: [...elements, submit] })

describe('a 2.0 card', () => {
  it('may be blank, and may hold everything an approval needs', () => {
    for (const card of [
      { schema: '2.0' },
      {},
      approvalCard(),
      withElements(
        { tag: 'hr', margin: '4px 0px 4px 0px' },
        {
          tag: 'markdown',
          content: '**x**',
          i18n_content: { zh_cn: '**x**' },
          text_size: 'notation',
          element_id: 'facts',
        },
        {
          tag: 'column_set',
          flex_mode: 'none',
          columns: [{ tag: 'column', width: 'weighted', weight: 1, elements: [{ tag: 'markdown', content: 'a' }] }],
        },
        {
          tag: 'collapsible_panel',
          expanded: false,
          header: { title: { tag: 'markdown', content: 'Details' } },
          border: { color: 'grey', corner_radius: '8px' },
          elements: [{ tag: 'markdown', content: 'b' }],
        },
        form({ tag: 'input', name: 'reason', required: true, input_type: 'multiline_text', max_length: 500 }),
      ),
    ]) {
      expect(checkCard(card)).toMatchObject({ ok: true })
    }
  })

  it.each<[string, JsonObject, number, RegExp]>([
    ['an unknown top-level property', { schema: '2.0', elements: [] }, 200621, /unknown property, property: elements/],
    [
      'an unknown property of config',
      { schema: '2.0', config: { wide_screen_mode: true } },
      200621,
      /wide_screen_mode/,
    ],
    ['update_multi: false', { schema: '2.0', config: { update_multi: false } }, 200861, /update_multi/],
    ['an unknown header colour', { schema: '2.0', header: { title: text('x'), template: 'pink' } }, 200621, /template/],
    ['a header without title', { schema: '2.0', header: { template: 'red' } }, 200621, /title/],
    [
      'four tags in the header',
      {
        schema: '2.0',
        header: { title: text('x'), text_tag_list: Array(4).fill({ tag: 'text_tag', text: text('a') }) },
      },
      200621,
      /at most 3/,
    ],
    ['an unknown element', withElements({ tag: 'carousel' }), 200621, /not supported tag: carousel/],
    ['an action element', withElements({ tag: 'action', actions: [] }), 200861, /no longer support/],
    ['a note', withElements({ tag: 'note', elements: [] }), 200861, /no longer support/],
    [
      'an unknown property of an element',
      withElements({ tag: 'hr', color: 'red' }),
      200621,
      /\[0\]\(tag: hr\).*property: color/,
    ],
    ['markdown without content', withElements({ tag: 'markdown' }), 200621, /content is required/],
    [
      'a language the platform lacks',
      withElements({ tag: 'markdown', content: 'x', i18n_content: { ar: 'y' } }),
      200621,
      /ar/,
    ],
    ['a button without text or icon', withElements({ tag: 'button' }), 200621, /text or an icon/],
    ['a button text over 100 characters', withElements({ tag: 'button', text: text('x'.repeat(101)) }), 200621, /100/],
    ['an unknown button type', withElements({ tag: 'button', type: 'huge', text: text('x') }), 200621, /type must be/],
    [
      'a callback value that is no object',
      withElements({ tag: 'button', text: text('x'), behaviors: [{ type: 'callback', value: 'x' }] }),
      200621,
      /must be an object/,
    ],
    [
      'a confirmation without title',
      withElements({ tag: 'button', text: text('x'), confirm: { text: text('sure?') } }),
      200621,
      /confirm -> title/,
    ],
    ['a bad element_id', withElements({ tag: 'hr', element_id: '1a' }), 200621, /element_id/],
    [
      'an element_id twice',
      withElements({ tag: 'hr', element_id: 'a' }, { tag: 'hr', element_id: 'a' }),
      200621,
      /twice/,
    ],
    ['a name twice', withElements(form({ tag: 'input', name: 'send' })), 200621, /send is used twice/],
    ['a form without submit button', withElements({ tag: 'form', name: 'f', elements: [] }), 200621, /submit/],
    ['a form without name', withElements({ tag: 'form', elements: [submit] }), 200621, /name is required/],
    ['a nameless input in a form', withElements(form({ tag: 'input' })), 200621, /name is required inside a form/],
    ['a form in a form', withElements(form({ ...form(), name: 'g' })), 200621, /root of the card/],
    ['a submit button outside a form', withElements(submit), 200621, /inside a form/],
    ['a max_length over 1000', withElements({ tag: 'input', name: 'a', max_length: 1001 }), 200621, /1 to 1000/],
    [
      'more than 200 elements, nested ones counted',
      withElements({
        tag: 'collapsible_panel',
        header: { title: text('x') },
        elements: Array(200).fill({ tag: 'hr' }),
      }),
      11310,
      /200/,
    ],
    ['four tables', withElements(...Array(4).fill({ tag: 'table', columns: [], rows: [] })), 11310, /table/],
    ['another schema', { schema: '3.0' }, 200621, /schema/],
  ])('is refused for %s', (_what, card, code, message) => {
    const result = checkCard(card)
    expect(result).toMatchObject({ ok: false, problem: { code } })
    if (!result.ok) expect(renderProblem(result.problem)).toMatch(message)
  })

  it('takes exactly 200 elements', () => {
    expect(checkCard(withElements(...Array(200).fill({ tag: 'hr' })))).toMatchObject({ ok: true })
  })

  it('accepts every component of the table with its required properties only', () => {
    for (const [tag, spec] of Object.entries(components)) {
      if (['form', 'button', 'column', 'collapsible_panel'].includes(tag)) continue
      const required = Object.fromEntries((spec.required ?? []).map((key) => [key, key === 'content' ? 'x' : []]))
      expect(checkCard(withElements({ tag, ...required })), tag).toMatchObject({ ok: true })
    }
  })
})

describe('a 1.0 card', () => {
  it('may have properties nobody knows, but no elements nobody knows', () => {
    const elements = [
      { tag: 'div', text: text('x'), colour: 'red' },
      { tag: 'action', actions: [{ tag: 'button', text: text('Approve'), value: { a: 1 } }] },
    ]
    expect(checkCard({ config: { wide_screen_mode: true }, elements })).toMatchObject({ ok: true })
    expect(checkCard({ elements: [{ tag: 'carousel' }] })).toMatchObject({ ok: false, problem: { code: 200621 } })
    expect(checkCard({ i18n_elements: { en_us: [{ tag: 'action', actions: [{}] }] } })).toMatchObject({ ok: false })
    expect(checkCard({ body: {} })).toMatchObject({ ok: false })
  })
})

describe('the content of an interactive message', () => {
  it('must be a JSON object; templates and card entities do not exist here', () => {
    expect(parseCardContent('[]')).toMatchObject({ ok: false, problem: { code: 200621 } })
    expect(parseCardContent('{"type":"template","data":{"template_id":"ctp_1"}}')).toMatchObject({
      problem: { code: 200380 },
    })
    expect(parseCardContent('{"type":"card","data":{"card_id":"1"}}')).toMatchObject({ ok: false })
  })
})
