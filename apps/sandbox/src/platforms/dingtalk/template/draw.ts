import { isObject, type JsonObject, objectsAt, parseJson, stringAt } from '#sandbox/json.ts'
import { drawButton, drawForm, drawInput } from './draw-controls.ts'
import type { CardNode } from './drawn-card.ts'
import type { CardTemplate } from './template.ts'
import { choiceOf, isVisible, lookUp, type Scope, textOf } from './values.ts'

/** Draws a card for one person: the template's visible components with this person's values in them. */
export function drawCard(template: CardTemplate, params: Record<string, string>, locale: string): CardNode[] {
  return drawChildren(template.root, { params, locale })
}

function drawChildren(node: JsonObject, scope: Scope): CardNode[] {
  return objectsAt(node, 'children').flatMap((child) => draw(child, scope))
}

function draw(node: JsonObject, scope: Scope): CardNode[] {
  const props = isObject(node.props) ? node.props : {}
  if (node.hidden === true || !isVisible(props.visible, scope)) return []
  const key = stringAt(node, 'id') ?? ''
  const component = stringAt(node, 'componentName') ?? ''
  switch (component) {
    case 'Grid':
    case 'GridLayout':
      return [
        {
          kind: 'group',
          direction: props.direction === 'horizontal' ? 'horizontal' : 'vertical',
          hasBackground: props.hasBackground === true,
          children: drawChildren(node, scope),
        },
      ]
    case 'Loop':
      return loopItems(props, scope).flatMap((loop) => drawChildren(node, { ...scope, loop }))
    case 'CollapsePanel':
      return [
        {
          kind: 'panel',
          title: textOf(props.title, scope),
          isOpen: props.contentVisible === true,
          children: drawChildren(node, scope),
        },
      ]
    case 'ButtonList':
      return drawButtonList(props, key, scope)
    case 'SingleButton':
    case 'ButtonBlock':
      return [{ kind: 'buttons', direction: 'vertical', buttons: [drawButton(props, key, scope)] }]
    case 'Form':
      return [drawForm(props, key, scope)]
    case 'Input':
      return [drawInput(props, key, scope)]
    default:
      return drawLeaf(component, props, scope)
  }
}

function drawLeaf(component: string, props: JsonObject, scope: Scope): CardNode[] {
  switch (component) {
    case 'CardHeaderV2':
      return [{ kind: 'header', text: textOf(props.title, scope) }]
    case 'BaseText':
    case 'BaseTextBlock':
      return [
        {
          kind: 'text',
          text: textOf(props.text, scope),
          style: stringAt(props, 'styleToken') ?? stringAt(props, 'size') ?? '',
          color: choiceOf(props.color, scope),
          isBold: props.bold === true || /bold|_h\d_/.test(stringAt(props, 'styleToken') ?? ''),
          align: props.gravity === 'center' ? 'center' : props.gravity === 'right' ? 'end' : 'start',
        },
      ]
    case 'Markdown':
    case 'MarkdownBlock':
      return [{ kind: 'markdown', source: textOf(props.content, scope) }]
    case 'Tag':
      return [{ kind: 'tag', text: textOf(props.text, scope), color: choiceOf(props.color, scope) }]
    case 'Divider':
    case 'DividerBlock':
      return [{ kind: 'divider' }]
    // Pictures of the platform's own store: the sandbox has none of them.
    case 'Image':
    case 'Icon':
    case 'Avatar':
      return []
    default:
      return [{ kind: 'unknown', component }]
  }
}

function drawButtonList(props: JsonObject, key: string, scope: Scope): CardNode[] {
  const list = isObject(props.buttons) ? objectsAt(props.buttons, 'list') : []
  const buttons = list
    .filter((button) => isVisible(button.visible, scope))
    .map((button, index) => drawButton(button, `${key}/${stringAt(button, 'id') ?? index}`, scope))
  if (buttons.length === 0) return []
  return [{ kind: 'buttons', direction: props.direction === 'vertical' ? 'vertical' : 'horizontal', buttons }]
}

function loopItems(props: JsonObject, scope: Scope): JsonObject[] {
  const path = isObject(props.listData) ? (stringAt(props.listData, 'variable') ?? '') : ''
  const value = parseJson(lookUp(path, scope))
  return Array.isArray(value) ? value.filter(isObject) : []
}
