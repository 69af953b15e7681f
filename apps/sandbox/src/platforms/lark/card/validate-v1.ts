import { isObject, type JsonObject } from '#sandbox/json.ts'
import { refuse } from './card-error.ts'

/** 1.0 tags that the platform draws; a 1.0 card may carry unknown properties, but no unknown element. */
const knownTags = [
  'div',
  'markdown',
  'hr',
  'img',
  'img_combination',
  'note',
  'action',
  'column_set',
  'column',
  'form',
  'interactive_container',
  'collapsible_panel',
  'person',
  'person_list',
  'chart',
  'table',
  'button',
  'input',
  'overflow',
  'select_static',
  'multi_select_static',
  'select_person',
  'multi_select_person',
  'date_picker',
  'picker_time',
  'picker_datetime',
  'select_img',
  'checker',
  'plain_text',
  'lark_md',
]

/** Refuses a JSON 1.0 card for what the platform cannot draw; unknown properties are ignored, as there. Throws InvalidCard. */
export function validateCardV1(card: JsonObject): void {
  if (card.body !== undefined) refuse('ROOT', 'unknown property, property: body; a 1.0 card has elements at its root')
  if (card.elements !== undefined) validateElements(card.elements, 'ROOT -> elements')
  const translated = card.i18n_elements
  if (translated === undefined) return
  if (!isObject(translated)) refuse('ROOT -> i18n_elements', 'must be an object')
  for (const [language, elements] of Object.entries(translated)) {
    validateElements(elements, `ROOT -> i18n_elements -> ${language}`)
  }
}

function validateElements(value: unknown, path: string): void {
  if (!Array.isArray(value)) refuse(path, 'must be an array')
  for (const [index, element] of value.entries()) {
    if (!isObject(element)) refuse(`${path} -> [${index}]`, 'must be an object')
    const tag = element.tag
    const elementPath = `${path} -> [${index}](tag: ${String(tag)})`
    if (typeof tag !== 'string' || !knownTags.includes(tag)) {
      refuse(elementPath, `type of element is not supported tag: ${String(tag)}`)
    }
    if (tag === 'button' && !isObject(element.text)) refuse(elementPath, 'property text is required')
    for (const key of ['elements', 'actions', 'columns']) {
      if (element[key] !== undefined) validateElements(element[key], `${elementPath} -> ${key}`)
    }
  }
}
