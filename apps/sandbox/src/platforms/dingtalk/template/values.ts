import { isObject, type JsonObject, objectsAt, parseJson, stringAt } from '#sandbox/json.ts'

/** The data a template is drawn with: the card's values, and the item of the loop around. */
export interface Scope {
  params: Record<string, string>
  locale: string
  loop?: JsonObject
}

/** Text with `${variable}` in it; texts may stand per language. */
export function textOf(value: unknown, scope: Scope): string {
  if (typeof value === 'string') return fill(value, scope)
  if (!isObject(value)) return ''
  if (isObject(value.content)) return textOf(translated(value.content, value, scope.locale), scope)
  if (value.valueType === 'variable') return look(value, scope)
  if (value.type === 'variableValue') return look(value, scope)
  return fill(stringAt(value, 'content') ?? stringAt(value, 'value') ?? '', scope)
}

/** A choice, link, colour or number: a fixed value or that of a variable. */
export function choiceOf(value: unknown, scope: Scope): string {
  if (!isObject(value)) return value === undefined || value === null ? '' : String(value)
  if (value.valueType === 'variable' || value.type === 'variableValue') return look(value, scope)
  return value.value === undefined || isObject(value.value) ? '' : fill(String(value.value), scope)
}

/** Whether a component is there, by its `visible` property. */
export function isVisible(value: unknown, scope: Scope): boolean {
  if (!isObject(value)) return true
  if (value.valueType === 'condition') return holds(value.condition, scope)
  if (value.valueType === 'variable') return isTrue(look(value, scope))
  return value.value !== false
}

/** Whether a condition holds; one without parts always does. */
export function holds(condition: unknown, scope: Scope): boolean {
  if (!isObject(condition)) return true
  const parts = objectsAt(condition, 'conditions').map((part) =>
    Array.isArray(part.conditions) ? holds(part, scope) : holdsOne(part, scope),
  )
  return parts.length === 0 || (condition.op === 'or' ? parts.some(Boolean) : parts.every(Boolean))
}

/** The value of a variable by its path, as text. */
export function lookUp(path: string, scope: Scope): string {
  const [name = '', ...rest] = path.split('.')
  const own = scope.params[name]
  if (rest.length === 0) return own ?? ''
  return asText(walk(parseJson(own ?? ''), rest))
}

function holdsOne(part: JsonObject, scope: Scope): boolean {
  const left = look(part, scope)
  const right = part.valueType === 'variable' ? lookUp(String(part.value ?? ''), scope) : String(part.value ?? '')
  switch (part.op) {
    case 'equal':
      return left === right
    case 'notEqual':
      return left !== right
    case 'isTrue':
      return isTrue(left)
    case 'isFalse':
      return !isTrue(left)
    case 'isEmpty':
      return left === ''
    case 'isNotEmpty':
      return left !== ''
    case 'greater':
      return Number(left) > Number(right)
    case 'less':
      return Number(left) < Number(right)
    case 'contain':
      return left.includes(right)
    case 'lengthEqual':
      return left.length === Number(right)
    case 'lengthNotEqual':
      return left.length !== Number(right)
    default:
      throw new Error(`The card template uses the comparison ${String(part.op)}, which is not simulated.`)
  }
}

/** A variable reference: of the card, or of the loop's item as `list[0].key`. */
function look(reference: JsonObject, scope: Scope): string {
  const path = stringAt(reference, 'variable') ?? ''
  if (reference.variableType !== 'loop') return lookUp(path, scope)
  return asText(walk(scope.loop, path.replace(/^[^.]*\.?/, '').split('.')))
}

function fill(text: string, scope: Scope): string {
  return text.replace(/\$\{([^}]+)\}/g, (_whole, path: string) =>
    path.startsWith('loop.') ? asText(walk(scope.loop, path.slice(5).split('.'))) : lookUp(path.trim(), scope),
  )
}

/** Languages of the editor, by the client's. */
const editorLanguages: Record<string, string> = { zh: 'zh_Hans', en: 'en', ja: 'ja' }

function translated(texts: JsonObject, { i18n, defaultLang }: JsonObject, locale: string): unknown {
  const fallback = texts[String(defaultLang ?? 'zh_Hans')] ?? Object.values(texts)[0]
  if (i18n !== true) return fallback
  const language = editorLanguages[locale.slice(0, 2)] ?? 'en'
  return texts[language] ?? texts[locale] ?? fallback
}

function walk(value: unknown, path: string[]): unknown {
  return path.reduce<unknown>((inner, key) => (isObject(inner) ? inner[key] : undefined), value)
}

function asText(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

function isTrue(value: string): boolean {
  return value !== '' && value !== 'false' && value !== '0'
}
