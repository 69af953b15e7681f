import { isObject, type JsonObject, objectsAt, stringAt } from '#sandbox/json.ts'

/** Something on a card that a person can press or fill in. */
export interface Control {
  tag: string
  /** The component as it stands in the card. */
  element: JsonObject
  name?: string
  elementId?: string
  /** Its text in every language of the card, the default first. */
  texts: string[]
  /** The value of its callback; absent when it calls nobody. */
  value?: JsonObject | string
  openUrl?: string
  confirm?: { title: string; text: string }
  isDisabled: boolean
  isSubmit: boolean
  isReset: boolean
  isRequired: boolean
  defaultValue?: string
  form?: Form
}

/** A form and everything named in it. */
export interface Form {
  name: string
  controls: Control[]
}

const pressable = ['button']
const fillable = [
  'input',
  'select_static',
  'multi_select_static',
  'select_person',
  'multi_select_person',
  'date_picker',
  'picker_time',
  'picker_datetime',
  'select_img',
  'checker',
]

/** Everything interactive on the card, in reading order. */
export function controlsOf(card: JsonObject, locale: string): Control[] {
  const body = card.body
  const translated = card.i18n_elements
  const own = isObject(translated)
    ? (translated[locale] ?? translated.en_us ?? Object.values(translated)[0])
    : undefined
  const roots = isObject(body)
    ? objectsAt(body, 'elements')
    : own === undefined
      ? objectsAt(card, 'elements')
      : objectsAt({ own }, 'own')
  return roots.flatMap((element) => walk(element, locale, undefined))
}

/** The text of a text object in this language, else its default, else English, else the first one there is. */
export function textFor(text: unknown, locale: string): string {
  if (!isObject(text)) return ''
  const translations = isObject(text.i18n_content) ? text.i18n_content : isObject(text.i18n) ? text.i18n : {}
  return (
    stringAt(translations, locale) ??
    stringAt(text, 'content') ??
    stringAt(translations, 'en_us') ??
    Object.values(translations).find((value) => typeof value === 'string') ??
    ''
  )
}

function walk(element: JsonObject, locale: string, form: Form | undefined): Control[] {
  const tag = stringAt(element, 'tag') ?? ''
  if (pressable.includes(tag) || fillable.includes(tag)) {
    const control = readControl(element, tag, locale, form)
    form?.controls.push(control)
    return [control]
  }
  const inner = tag === 'form' ? { name: stringAt(element, 'name') ?? '', controls: [] } : form
  return ['elements', 'columns', 'actions', 'extra'].flatMap((key) => {
    const children = key === 'extra' && isObject(element[key]) ? [element[key]] : objectsAt(element, key)
    return children.flatMap((child) => walk(child, locale, inner))
  })
}

function readControl(element: JsonObject, tag: string, locale: string, form: Form | undefined): Control {
  const behaviours = objectsAt(element, 'behaviors')
  const callback = behaviours.find((behaviour) => behaviour.type === 'callback')
  const link = behaviours.find((behaviour) => behaviour.type === 'open_url')
  const multiUrl = isObject(element.multi_url) ? stringAt(element.multi_url, 'url') : undefined
  const openUrl = (link && stringAt(link, 'default_url')) || stringAt(element, 'url') || multiUrl
  const action = [
    element.form_action_type,
    element.action_type,
    behaviours.find((one) => one.type === 'form_action')?.behavior,
  ]
  const value = callback?.value ?? element.value
  const confirm = element.confirm
  const name = stringAt(element, 'name')
  const elementId = stringAt(element, 'element_id')
  const defaultValue =
    stringAt(element, 'default_value') ?? stringAt(element, 'initial_option') ?? stringAt(element, 'initial_date')
  return {
    tag,
    element,
    texts: allTexts(element.text, locale),
    isDisabled: element.disabled === true,
    isSubmit: action.some((one) => one === 'submit' || one === 'form_submit'),
    isReset: action.some((one) => one === 'reset' || one === 'form_reset'),
    isRequired: element.required === true,
    ...(name === undefined ? {} : { name }),
    ...(elementId === undefined ? {} : { elementId }),
    ...(isObject(value) || typeof value === 'string' ? { value } : {}),
    ...(openUrl === undefined ? {} : { openUrl }),
    ...(defaultValue === undefined ? {} : { defaultValue }),
    ...(form === undefined ? {} : { form }),
    ...(isObject(confirm)
      ? { confirm: { title: textFor(confirm.title, locale), text: textFor(confirm.text, locale) } }
      : {}),
  }
}

function allTexts(text: unknown, locale: string): string[] {
  if (!isObject(text)) return []
  const translations = isObject(text.i18n_content) ? Object.values(text.i18n_content) : []
  return [textFor(text, locale), text.content, ...translations].filter((one) => typeof one === 'string')
}
