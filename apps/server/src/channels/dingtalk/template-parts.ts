import type { CardVariableName } from './card-variables.ts'

/*
 * The components of the card platform that our template is made of, as its editor writes them. The format has no
 * document; this is what exported templates have in common. Property values that are text, links, numbers, choices and
 * conditions each have a shape of their own.
 */

export type Json = Readonly<Record<string, unknown>>

export interface Component {
  componentName: string
  title: string
  props: Json
  children?: readonly Component[]
}

export interface Condition {
  variable: CardVariableName
  /** The platform's words; `isNotEmpty` takes no value. */
  op: 'equal' | 'isNotEmpty'
  value?: string
}

export const is = (variable: CardVariableName, value: string): Condition => ({ variable, op: 'equal', value })
export const isFilled = (variable: CardVariableName): Condition => ({ variable, op: 'isNotEmpty' })

/** Shown when all hold; always, when there are none. */
export function visible(conditions: readonly Condition[] = []): Json {
  return {
    type: 'dynamicVisible',
    value: true,
    valueType: conditions.length === 0 ? 'fixed' : 'condition',
    condition: {
      op: 'and',
      conditions: conditions.map(({ variable, op, value = '' }) => ({
        ...{ type: 'variable', variable, variableType: 'global' },
        ...{ op, value, valueType: 'fixed', valueVariableType: 'global' },
      })),
    },
  }
}

const variableRef = (name: CardVariableName): string => `\${${name}}`
const words = (content: string): Json => ({ type: 'dynamicString', content, i18n: false })
const fixed = (type: string, value: unknown): Json => ({
  ...{ type, value },
  ...{ valueType: 'fixed', variable: '', variableType: 'global' },
})
const linkTo = (variable: CardVariableName): Json => ({
  ...{ type: 'dynamicLink', value: '', valueType: 'variable' },
  ...{ variable, variableType: 'global' },
})
const noLink = fixed('dynamicLink', '')
const margins = { marginLeft: 12, marginRight: 12, marginTop: 4, marginBottom: 4 }

export interface Look {
  styleToken?: string
  color?: string
  maxLines?: number
  when?: readonly Condition[]
}

const BODY = 'common_body_text_style'
export const HEADING = 'common_h4_bold_text_style'
export const SMALL = 'common_footnote_text_style'
export const GRAY = 'common_level2_base_color'
export const ORANGE = 'common_orange1_color'
const BLACK = 'common_level1_base_color'

/** Text as it is: nothing in a value is interpreted. Shown only when there is any. */
export function text(name: CardVariableName, look: Look = {}): Component {
  const { styleToken = BODY, color = BLACK, maxLines = 60, when = [] } = look
  return {
    componentName: 'BaseText',
    title: name,
    props: {
      text: words(variableRef(name)),
      visible: visible([isFilled(name), ...when]),
      maxLine: fixed('dynamicNumber', maxLines),
      color: fixed('dynamicColor', color),
      ...{ styleType: 'standard', styleToken, gravity: 'left', fontColorType: 'Standard', fontSizeType: 'Standard' },
      ...margins,
    },
  }
}

export function tag(name: CardVariableName, color: string, when: readonly Condition[]): Component {
  return {
    componentName: 'Tag',
    title: name,
    props: { text: words(variableRef(name)), color: fixed('dynamicSelect', color), visible: visible(when), ...margins },
  }
}

export function row(title: string, children: readonly Component[]): Component {
  return {
    componentName: 'Grid',
    title,
    props: { direction: 'horizontal', isAutoHeight: true, childGravity: 'leftCenter', visible: visible() },
    children,
  }
}

export const divider: Component = {
  componentName: 'Divider',
  title: 'divider',
  props: { direction: 'horizontal', height: 1, visible: visible(), ...margins },
}

/** What a button sends: values of the card, and one that is the button's own. */
export interface Param {
  name: string
  from: { fixed: string } | { variable: CardVariableName }
}

function params(list: readonly Param[]): Json[] {
  return list.map(({ name, from }, index) => ({
    ...{ id: String(index + 1), name },
    ...('fixed' in from
      ? { type: 'fixed', value: from.fixed, variable: '' }
      : { type: 'variable', value: '', variable: from.variable }),
    variableType: 'global',
  }))
}

const button = (label: CardVariableName, color: string, when: readonly Condition[]): Json => ({
  text: words(variableRef(label)),
  status: fixed('dynamicSelect', 'normal'),
  color: fixed('dynamicSelect', color),
  visible: visible(when),
  ...margins,
})

/** A button that asks the server and shows the card as it then is. */
export function requestButton(
  label: CardVariableName,
  request: { actionId: string; params: readonly Param[]; when: readonly Condition[] },
): Component {
  return {
    componentName: 'SingleButton',
    title: label,
    props: {
      ...button(label, 'blue', request.when),
      actionType: 'request',
      actionId: words(request.actionId),
      params: params(request.params),
      ...{ successToast: words(''), failureToast: words('') },
      successCondition: { op: 'and', conditions: [] },
    },
  }
}

/** A button that opens a page: another address on computers. */
export function linkButton(label: CardVariableName, target: CardVariableName, pcTarget: CardVariableName): Component {
  return {
    componentName: 'SingleButton',
    title: label,
    props: {
      ...button(label, 'gray', []),
      ...{ actionType: 'url', urlType: 'single', url: noLink },
      ...{ androidUrl: linkTo(target), iosUrl: linkTo(target), pcUrl: linkTo(pcTarget) },
      ...{ actionId: words(''), params: [] },
    },
  }
}

/** Fields that the card's data describes, and a button that sends them with the given values. */
export function form(
  schema: CardVariableName,
  request: { id: string; label: CardVariableName; params: readonly Param[]; when: readonly Condition[] },
): Component {
  return {
    componentName: 'Form',
    title: schema,
    props: {
      id: request.id,
      submitText: words(variableRef(request.label)),
      formSchema: { type: 'variableValue', variable: schema, variableType: 'global' },
      params: params(request.params),
      status: fixed('dynamicSelect', 'normal'),
      visible: visible(request.when),
      actionType: 'request',
    },
  }
}
