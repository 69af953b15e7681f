import { isObject, type JsonObject, objectsAt, parseJson, stringAt } from '#sandbox/json.ts'

/** A variable of a card, filled by cards or, when local, by the client alone. */
export interface TemplateVariable {
  name: string
  type: string
  /** Only private variables take private data. */
  isPrivate: boolean
  isLocal: boolean
}

/** What an import file holds, as far as cards are drawn from it (section 5.11 of the protocol notes). */
export interface CardTemplate {
  variables: Map<string, TemplateVariable>
  /** The component tree; its root is a `Card`. */
  root: JsonObject
}

/** The kinds of template for cards in chats. */
const messageKinds = ['im', 'standard']

/** Reads an import file the way the card platform does; throws with everything that is wrong with it. */
export function parseTemplate(file: string | JsonObject): CardTemplate {
  const value = typeof file === 'string' ? parseJson(file) : file
  if (!isObject(value)) throw new Error('A card template must be a JSON object.')
  const problems: string[] = []
  if (value.mode !== 'card') problems.push('mode must be "card"')
  if (!messageKinds.includes(String(value.type))) problems.push('type must be "im" for cards in chats')
  if (typeof value.widgetInfo !== 'string') problems.push('widgetInfo must be a string')
  const editor = parseJson(stringAt(value, 'editorData') ?? '')
  if (!isObject(editor))
    throw new Error(`Not a card template: ${[...problems, 'editorData must be JSON text'].join('; ')}.`)
  const schema = isObject(editor.schema) ? editor.schema : {}
  const root = objectsAt(schema, 'componentsTree')[0]
  if (root?.componentName !== 'Card') problems.push('schema.componentsTree must begin with a Card')
  const variables = readVariables(editor, problems)
  if (problems.length > 0 || root === undefined) throw new Error(`Not a card template: ${problems.join('; ')}.`)
  return { variables, root }
}

function readVariables(editor: JsonObject, problems: string[]): Map<string, TemplateVariable> {
  const variables = new Map<string, TemplateVariable>()
  for (const [list, isLocal] of [
    ['variableList', false],
    ['formList', false],
    ['localList', true],
  ] as const) {
    for (const one of objectsAt(editor, list)) {
      const name = stringAt(one, 'name')
      const type = stringAt(one, 'type') ?? (list === 'formList' ? 'form' : undefined)
      if (name === undefined || type === undefined) problems.push(`${list} has an entry without name and type`)
      else if (variables.has(name)) problems.push(`the variable ${name} is listed twice`)
      else variables.set(name, { name, type, isPrivate: one.private === true, isLocal })
    }
  }
  return variables
}
