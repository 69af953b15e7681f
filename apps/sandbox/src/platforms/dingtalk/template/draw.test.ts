import { describe, expect, it } from 'vitest'
import type { JsonObject } from '#sandbox/json.ts'
import { drawnDingtalkComponents } from '#sandbox/platforms/dingtalk/coverage.ts'
import { drawCard } from './draw.ts'
import { buttonsOf } from './drawn-card.ts'
import { sampleTemplate } from './sample.ts'
import { parseTemplate } from './template.ts'

/** A template around some components. */
function templateOf(...children: JsonObject[]) {
  const file = sampleTemplate()
  const editor = JSON.parse(String(file.editorData)) as { schema: { componentsTree: JsonObject[] } }
  editor.schema.componentsTree = [{ componentName: 'Card', id: 'root', props: {}, children }]
  return parseTemplate({ ...file, editorData: JSON.stringify(editor) })
}

const text = (content: string, more: JsonObject = {}): JsonObject => ({
  componentName: 'BaseText',
  id: 'text',
  props: { text: { type: 'dynamicString', content, i18n: false }, ...more },
})
const draw = (component: JsonObject, params: Record<string, string> = {}, locale = 'en_us') =>
  drawCard(templateOf(component), params, locale)
const visibleWhen = (op: string, value = '', all: 'and' | 'or' = 'and'): JsonObject => ({
  visible: {
    type: 'dynamicVisible',
    valueType: 'condition',
    condition: { op: all, conditions: [{ type: 'variable', variable: 'x', variableType: 'global', op, value }] },
  },
})
const variable = (name: string) => `\${${name}}`

describe('drawing a card from its template', () => {
  it('fills variables into text, also from inside objects', () => {
    const [node] = draw(text(`${variable('a')} of ${variable('b.c')}`), { a: '1', b: '{"c":2}' })
    expect(node).toMatchObject({ kind: 'text', text: '1 of 2' })
  })

  it.each([
    ['equal', 'yes', { x: 'yes' }, true],
    ['equal', 'yes', { x: 'no' }, false],
    ['notEqual', 'yes', {}, true],
    ['isTrue', '', { x: 'true' }, true],
    ['isFalse', '', { x: 'false' }, true],
    ['isEmpty', '', {}, true],
    ['isNotEmpty', '', { x: '' }, false],
  ])('shows a component whose condition %s "%s" holds for %o: %s', (op, value, params, isShown) => {
    expect(draw(text('here', visibleWhen(op, value)), params)).toHaveLength(isShown ? 1 : 0)
  })

  it('refuses a comparison that it does not know instead of guessing', () => {
    expect(() => draw(text('here', visibleWhen('resembles')))).toThrow(/resembles, which is not simulated/)
  })

  it('repeats what is in a loop for every item', () => {
    const loop = {
      componentName: 'Loop',
      id: 'loop',
      props: { listData: { type: 'variableValue', variable: 'list', variableType: 'global' } },
      children: [text(variable('loop.name'))],
    }
    const drawn = draw(loop, { list: '[{"name":"Ann"},{"name":"Bo"}]' })
    expect(drawn).toMatchObject([{ text: 'Ann' }, { text: 'Bo' }])
  })

  it('gives an iPhone its own address', () => {
    const link = (name: string) => ({ type: 'dynamicLink', valueType: 'variable', variable: name, value: '' })
    const props = { actionType: 'url', urlType: 'single', iosUrl: link('phone'), pcUrl: link('desk') }
    const drawn = draw({ componentName: 'SingleButton', id: 'b', props }, { phone: 'https://p/', desk: 'https://d/' })
    expect(buttonsOf(drawn)).toMatchObject([{ action: 'url', url: 'https://p/' }])
  })

  it('asks in a confirmation before it calls', () => {
    const say = (content: string) => ({ type: 'dynamicString', content, i18n: false })
    const props = {
      text: say('Approve'),
      actionType: 'confirm',
      confirmTitle: say('Sure?'),
      confirmMessage: say('For ever.'),
      confirmOkAction: 'request',
      confirmOkReqActionActionId: say('approve'),
      confirmOkReqActionParams: [{ name: 'proof', type: 'variable', variable: 'proof', variableType: 'global' }],
    }
    const drawn = draw({ componentName: 'SingleButton', id: 'b', props }, { proof: 'p' })
    expect(buttonsOf(drawn)).toMatchObject([
      {
        action: 'request',
        actionId: 'approve',
        params: { proof: 'p' },
        confirm: { title: 'Sure?', text: 'For ever.' },
      },
    ])
  })

  it('sends the text of an input with a request of its own, and keeps another for a button', () => {
    const input = (props: JsonObject) => draw({ componentName: 'Input', id: 'i', props })
    expect(buttonsOf(input({ id: 'reason', actionType: 'request' }))).toMatchObject([
      { sends: 'input', actionId: 'reason' },
    ])
    const local = { variable: 'reason', variableType: 'global', type: 'variableValue' }
    expect(input({ actionType: 'setLocalState', localVarAction: local })).toMatchObject([
      { kind: 'input', field: { name: 'reason' } },
    ])
  })

  it('draws exactly the components that the coverage ledger names', () => {
    for (const componentName of drawnDingtalkComponents) {
      const kinds = draw({ componentName, id: 'one', props: { buttons: { list: [{ id: '1' }] } } }).map(
        ({ kind }) => kind,
      )
      expect(kinds, componentName).not.toContain('unknown')
    }
    expect(draw({ componentName: 'Table', id: 't', props: {} })).toEqual([{ kind: 'unknown', component: 'Table' }])
  })
})
