import { cardTemplate } from './template.ts'

/* Draws a card from the template and its data as the platform's client does, for tests. */

export interface DrawnCard {
  /** From top to bottom, with what forms say. */
  texts: string[]
  /** What the client would interpret as markdown. */
  interpreted: string[]
  links: string[]
  buttons: DrawnButton[]
  /** Names of the variables that were looked at, shown or not. */
  variables: Set<string>
}

export interface DrawnButton {
  text: string
  actionId: string
  params: Record<string, string>
  /** Names of the fields that must be filled in; null for a plain button. */
  fields: string[] | null
}

type Json = Record<string, unknown>
export type CardValues = Readonly<Record<string, string>>

export function templateData(): Json {
  return JSON.parse(String(cardTemplate().editorData)) as Json
}

/** `own` stands over `everybodys`. */
export function drawCard(everybodys: CardValues, own: CardValues = {}): DrawnCard {
  const drawn: DrawnCard = { texts: [], interpreted: [], links: [], buttons: [], variables: new Set() }
  const values = { ...everybodys, ...own }
  const [root] = (templateData().schema as { componentsTree: Json[] }).componentsTree
  visit(root ?? {}, { drawn, values, isHidden: false })
  return drawn
}

interface Drawing {
  drawn: DrawnCard
  values: CardValues
  isHidden: boolean
}

function visit(node: Json, drawing: Drawing): void {
  const props = node.props as Json
  const isHidden = drawing.isHidden || !isVisible(props.visible as Json | undefined, drawing)
  const inside = { ...drawing, isHidden }
  const text = textOf(props.text, inside)
  if (node.componentName === 'BaseText' || node.componentName === 'Tag') say(text, inside)
  if (node.componentName === 'Markdown') drawing.drawn.interpreted.push(textOf(props.content, inside))
  if (node.componentName === 'SingleButton') drawButton(props, text, inside)
  if (node.componentName === 'Form') drawForm(props, inside)
  for (const child of (node.children ?? []) as Json[]) visit(child, inside)
}

function say(text: string, { drawn, isHidden }: Drawing): void {
  if (!isHidden && text !== '') drawn.texts.push(text)
}

function drawButton(props: Json, text: string, drawing: Drawing): void {
  const { drawn, isHidden } = drawing
  const params = paramsOf(props, drawing)
  const links = [props.androidUrl, props.pcUrl].map((link) => linkOf(link as Json | undefined, drawing))
  if (isHidden) return
  drawn.texts.push(text)
  if (props.actionType === 'url') drawn.links.push(...links)
  else drawn.buttons.push({ text, actionId: textOf(props.actionId, drawing), params, fields: null })
}

function drawForm(props: Json, drawing: Drawing): void {
  const { drawn, isHidden } = drawing
  const text = textOf(props.submitText, drawing)
  const schema = valueIn(String((props.formSchema as Json).variable), drawing)
  const params = paramsOf(props, drawing)
  if (isHidden) return
  const { fields } = JSON.parse(schema) as { fields: { name: string; label: string; required: boolean }[] }
  drawn.texts.push(text, ...fields.map(({ label }) => label))
  const required = fields.filter((field) => field.required).map(({ name }) => name)
  drawn.buttons.push({ text, actionId: String(props.id), params, fields: required })
}

function paramsOf(props: Json, drawing: Drawing): Record<string, string> {
  const params = (props.params ?? []) as { name: string; type: string; value: string; variable: string }[]
  return Object.fromEntries(
    params.map(({ name, type, value, variable }) => [name, type === 'fixed' ? value : valueIn(variable, drawing)]),
  )
}

function linkOf(link: Json | undefined, drawing: Drawing): string {
  return link?.valueType === 'variable' ? valueIn(String(link.variable), drawing) : String(link?.value ?? '')
}

function textOf(value: unknown, drawing: Drawing): string {
  const { content = '' } = (value ?? {}) as { content?: string }
  return content.replace(/\$\{(\w+)\}/g, (_whole, name: string) => valueIn(name, drawing))
}

function valueIn(name: string, { drawn, values }: Drawing): string {
  drawn.variables.add(name)
  return values[name] ?? ''
}

function isVisible(visible: Json | undefined, drawing: Drawing): boolean {
  const { valueType, condition } = (visible ?? {}) as { valueType?: string; condition?: { conditions: Json[] } }
  const holds = (condition?.conditions ?? []).map(({ variable, op, value }) => {
    const actual = valueIn(String(variable), drawing)
    if (op === 'isNotEmpty') return actual !== ''
    if (op === 'equal') return actual === value
    throw new Error(`the template compares with ${String(op)}`)
  })
  return valueType !== 'condition' || holds.every(Boolean)
}
