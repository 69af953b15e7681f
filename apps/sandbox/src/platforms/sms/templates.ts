import { isObject, parseJson } from '#sandbox/json.ts'
import type { BusinessCode } from './refusals.ts'
import type { SmsTemplate } from './seed.ts'

/** What a variable may carry. */
export interface VariableRules {
  maxLength: number
  forbiddenWords: readonly string[]
}

const variable = /\$\{([a-zA-Z]\w*)\}/g
const MAX_TEXT = 500
/** Codes are four to six letters or digits (template specification). */
const codeValue = /^[0-9A-Za-z]{4,6}$/
const urlOrAddress =
  /(https?:|www\.)|(?:^|[^0-9.])(\d{1,3}\.){3}\d{1,3}(?:[^0-9.]|$)|[a-z0-9-]+\.(com|cn|net|org|io|example|test|top|me|co|app|dev|sg|jp|my|id|sa)(?![a-z])/i

/** A template with its variables filled in, or the refusal that its parameters earn. */
export function fillTemplate(
  template: SmsTemplate,
  signName: string,
  templateParam: string | undefined,
  rules: VariableRules,
): { text: string } | { code: BusinessCode } {
  const values = readValues(templateParam)
  if (values === undefined) return { code: 'isv.INVALID_JSON_PARAM' }
  const names = [...template.text.matchAll(variable)].map(([, name]) => name ?? '')
  for (const name of names) {
    const value = values[name]
    if (value === undefined || value === '') return { code: 'isv.TEMPLATE_MISSING_PARAMETERS' }
    const code = refuseValue(value, template, name, rules)
    if (code !== undefined) return { code }
  }
  const text = `【${signName}】${template.text.replaceAll(variable, (_whole, name: string) => values[name] ?? '')}`
  return text.length > MAX_TEXT ? { code: 'isv.PARAM_LENGTH_LIMIT' } : { text }
}

/** A JSON object of strings, as a string; no parameter is an empty one. */
function readValues(templateParam: string | undefined): Record<string, string> | undefined {
  if (templateParam === undefined || templateParam === '') return {}
  const value = parseJson(templateParam)
  if (!isObject(value)) return undefined
  const entries = Object.entries(value)
  const isText = (entry: [string, unknown]): entry is [string, string] => typeof entry[1] === 'string'
  return entries.every(isText) ? Object.fromEntries(entries) : undefined
}

function refuseValue(
  value: string,
  { kind }: SmsTemplate,
  name: string,
  { maxLength, forbiddenWords }: VariableRules,
): BusinessCode | undefined {
  // Domain names and addresses count as URLs, with and without a scheme.
  if (urlOrAddress.test(value)) return 'isv.PARAM_NOT_SUPPORT_URL'
  if (value.length > maxLength) return 'isv.PARAM_LENGTH_LIMIT'
  if (kind === 'code' && name === 'code' && !codeValue.test(value)) return 'isv.PARAM_LENGTH_LIMIT'
  return forbiddenWords.some((word) => value.includes(word)) ? 'isv.BLACK_KEY_CONTROL_LIMIT' : undefined
}
