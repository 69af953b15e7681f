import { isObject, type JsonObject, objectsAt, parseJson, stringAt } from '#sandbox/json.ts'
import type { CardButton, CardNode, FormField } from './drawn-card.ts'
import { choiceOf, lookUp, type Scope, textOf } from './values.ts'

/** A button of a list, a single button, or the submit button of a form: they share their properties. */
export function drawButton(props: JsonObject, key: string, scope: Scope): CardButton {
  const action = stringAt(props, 'actionType') ?? 'none'
  const isConfirm = action === 'confirm'
  return {
    key,
    text: textOf(props.text, scope),
    color: choiceOf(props.color, scope) || 'gray',
    isDisabled: choiceOf(props.status, scope) === 'disabled',
    action: isConfirm ? (stringAt(props, 'confirmOkAction') ?? 'none') : action,
    // Without an action id the platform takes the generated id of the component.
    actionId: textOf(isConfirm ? props.confirmOkReqActionActionId : props.actionId, scope) || key.replace(/^.*\//, ''),
    params: paramsOf(isConfirm ? props.confirmOkReqActionParams : props.params, scope),
    url: linkOf(props, scope),
    ...(isConfirm
      ? { confirm: { title: textOf(props.confirmTitle, scope), text: textOf(props.confirmMessage, scope) } }
      : {}),
    successToast: textOf(props.successToast, scope),
    failureToast: textOf(props.failureToast, scope),
    successCondition: props.successCondition,
    fields: [],
  }
}

/** A form: its fields come from a form variable, its button sends them under `form` (section 5.6). */
export function drawForm(props: JsonObject, key: string, scope: Scope): CardNode {
  const variable = isObject(props.formSchema) ? (stringAt(props.formSchema, 'variable') ?? '') : ''
  const schema = parseJson(lookUp(variable, scope))
  const fields = isObject(schema) ? objectsAt(schema, 'fields').flatMap(drawField) : []
  const id = textOf(props.id, scope) || 'form'
  const submit = drawButton({ color: 'blue', ...props, text: props.submitText }, key, scope)
  return { kind: 'form', id, fields, submit: { ...submit, actionId: id, sends: 'form', fields } }
}

/** A text input. With a request of its own it is sent by itself, else its text waits in a local variable for a button. */
export function drawInput(props: JsonObject, key: string, scope: Scope): CardNode {
  const local = isObject(props.localVarAction) ? (stringAt(props.localVarAction, 'variable') ?? '') : ''
  const field: FormField = {
    name: local || textOf(props.id, scope) || 'input',
    label: textOf(props.title, scope),
    type: props.textArea === true ? 'TEXT_AREA' : 'TEXT',
    isRequired: false,
    requiredMessage: '',
    placeholder: textOf(props.placeholder, scope),
    defaultValue: textOf(props.currentValue, scope),
    isReadOnly: choiceOf(props.status, scope) === 'disabled',
    options: [],
  }
  if (props.actionType !== 'request') return { kind: 'input', field }
  const button = drawButton(props, key, scope)
  const actionId = textOf(props.actionId, scope) || textOf(props.id, scope) || button.actionId
  return { kind: 'input', field, submit: { ...button, actionId, sends: 'input', fields: [field] } }
}

function drawField(field: JsonObject): FormField[] {
  const name = stringAt(field, 'name')
  if (name === undefined || field.hidden === true) return []
  const value = field.defaultValue
  return [
    {
      name,
      label: stringAt(field, 'label') ?? '',
      type: stringAt(field, 'type') ?? 'TEXT',
      isRequired: field.required === true,
      requiredMessage: stringAt(field, 'requiredMsg') ?? '',
      placeholder: stringAt(field, 'placeholder') ?? '',
      defaultValue: typeof value === 'string' || typeof value === 'boolean' ? String(value) : '',
      isReadOnly: field.readOnly === true,
      options: objectsAt(field, 'options').map((option) => ({
        value: String(option.value ?? ''),
        text: stringAt(option, 'text') ?? '',
      })),
    },
  ]
}

/** Name and value pairs; a value is fixed text or that of a variable. */
function paramsOf(params: unknown, scope: Scope): Record<string, string> {
  const entries = objectsAt({ params }, 'params').flatMap((param): [string, string][] => {
    const name = stringAt(param, 'name')
    if (!name) return []
    const isVariable = param.type === 'variable'
    return [[name, isVariable ? choiceOf({ ...param, valueType: 'variable' }, scope) : textOf(param.value, scope)]]
  })
  return Object.fromEntries(entries)
}

/** One address for all clients, or the iPhone's own: that is the client the phones play. */
function linkOf(props: JsonObject, scope: Scope): string {
  return props.urlType === 'all' || props.urlType === undefined
    ? choiceOf(props.url, scope)
    : choiceOf(props.iosUrl, scope) || choiceOf(props.url, scope)
}
