import { isObject, type JsonObject } from '#sandbox/json.ts'
import { cardProblemCodes, refuse } from './card-error.ts'
import { type ComponentSpec, components, headerTemplates, languages } from './v2-components.ts'

const MAX_ELEMENTS = 200
const MAX_TABLES = 3
const MAX_BUTTON_TEXT = 100
const MAX_TAGS_IN_HEADER = 3
/** Containers nest at most this deep (container pages). */
const MAX_DEPTH = 5

const cardProperties = ['schema', 'config', 'card_link', 'header', 'body']
const configProperties = [
  'streaming_mode',
  'streaming_config',
  'summary',
  'locales',
  'enable_forward',
  'update_multi',
  'width_mode',
  'use_custom_translation',
  'enable_forward_interaction',
  'style',
]
const headerProperties = ['title', 'subtitle', 'text_tag_list', 'i18n_text_tag_list', 'template', 'icon', 'padding']
const bodyProperties = [
  'direction',
  'padding',
  'horizontal_spacing',
  'horizontal_align',
  'vertical_spacing',
  'vertical_align',
  'elements',
]
const textProperties = [
  'tag',
  'element_id',
  'content',
  'i18n_content',
  'text_size',
  'text_align',
  'text_color',
  'lines',
  'icon',
]
const linkProperties = ['url', 'pc_url', 'ios_url', 'android_url']

/** What has been seen so far in one card. */
interface Walk {
  elements: number
  tables: number
  ids: Set<string>
  names: Set<string>
}

/** Inside which form an element stands; forms count their submit buttons. */
interface Place {
  depth: number
  form?: { submits: number }
}

/** Refuses a JSON 2.0 card the way the platform does: at the first thing it does not know. Throws InvalidCard. */
export function validateCardV2(card: JsonObject): void {
  known(card, cardProperties, 'ROOT')
  validateConfig(card.config)
  validateHeader(card.header)
  if (card.card_link !== undefined) validateLink(object(card.card_link, 'ROOT -> card_link'), 'ROOT -> card_link')
  if (card.body === undefined) return
  const body = object(card.body, 'ROOT -> body')
  known(body, bodyProperties, 'ROOT -> body')
  const walk: Walk = { elements: 0, tables: 0, ids: new Set(), names: new Set() }
  validateElements(body.elements ?? [], 'ROOT -> body -> elements', walk, { depth: 0 })
}

function validateConfig(value: unknown): void {
  if (value === undefined) return
  const path = 'ROOT -> config'
  const config = object(value, path)
  known(config, configProperties, path)
  if (config.update_multi === false) {
    refuse(path, 'update_multi of a 2.0 card can only be true', cardProblemCodes.removedInV2)
  }
  oneOf(config, 'width_mode', ['default', 'compact', 'fill'], path)
  if (config.summary !== undefined) {
    const summary = object(config.summary, `${path} -> summary`)
    known(summary, ['content', 'i18n_content'], `${path} -> summary`)
    validateTranslations(summary, `${path} -> summary`)
  }
  const locales = config.locales
  if (locales !== undefined && !(Array.isArray(locales) && locales.every((locale) => languages.includes(locale)))) {
    refuse(path, 'locales holds a language the platform does not have')
  }
}

function validateHeader(value: unknown): void {
  if (value === undefined) return
  const path = 'ROOT -> header'
  const header = object(value, path)
  known(header, headerProperties, path)
  validateText(header.title, `${path} -> title`, ['plain_text', 'lark_md'])
  if (header.subtitle !== undefined) validateText(header.subtitle, `${path} -> subtitle`, ['plain_text', 'lark_md'])
  oneOf(header, 'template', headerTemplates, path)
  validateHeaderTags(header.text_tag_list, `${path} -> text_tag_list`)
}

function validateHeaderTags(value: unknown, path: string): void {
  if (value === undefined) return
  if (!Array.isArray(value)) refuse(path, 'must be an array')
  if (value.length > MAX_TAGS_IN_HEADER) refuse(path, `at most ${MAX_TAGS_IN_HEADER} tags`)
  for (const [index, item] of value.entries()) {
    const tag = object(item, `${path} -> [${index}]`)
    known(tag, ['tag', 'element_id', 'text', 'color'], `${path} -> [${index}]`)
    if (tag.tag !== 'text_tag') refuse(`${path} -> [${index}]`, 'tag must be text_tag')
    validateText(tag.text, `${path} -> [${index}] -> text`, ['plain_text', 'lark_md'])
  }
}

function validateElements(value: unknown, path: string, walk: Walk, place: Place, onlyTag?: string): void {
  if (!Array.isArray(value)) refuse(path, 'must be an array')
  for (const [index, item] of value.entries()) {
    const element = object(item, `${path} -> [${index}]`)
    // Columns need no tag of their own in some samples; everything else must say what it is.
    const tag = element.tag ?? onlyTag
    const elementPath = `${path} -> [${index}](tag: ${String(tag)})`
    if (tag === 'action' || tag === 'note') {
      refuse(
        elementPath,
        `cards of schema V2 no longer support this capability, unsupported tag ${tag}`,
        cardProblemCodes.removedInV2,
      )
    }
    const spec = typeof tag === 'string' ? components[tag] : undefined
    if (typeof tag !== 'string' || spec === undefined || (onlyTag !== undefined && tag !== onlyTag)) {
      refuse(elementPath, `type of element is not supported tag: ${String(tag)}`)
    }
    validateElement(element, tag, spec, elementPath, walk, place)
  }
}

function validateElement(
  element: JsonObject,
  tag: string,
  spec: ComponentSpec,
  path: string,
  walk: Walk,
  place: Place,
): void {
  walk.elements += 1
  if (walk.elements > MAX_ELEMENTS) {
    refuse(path, `card element count exceeds the limit of ${MAX_ELEMENTS}`, cardProblemCodes.tooMany)
  }
  known(element, ['tag', 'element_id', ...spec.properties], path)
  for (const key of spec.required ?? []) if (element[key] === undefined) refuse(path, `property ${key} is required`)
  for (const [key, values] of Object.entries(spec.values ?? {})) oneOf(element, key, values, path)
  validateElementId(element, path, walk)
  if (tag === 'markdown') validateTranslations(element, path)
  if (tag === 'div') validateDiv(element, path)
  if (tag === 'button') validateButton(element, path, place)
  if (tag === 'input') validateInput(element, path)
  if (tag === 'collapsible_panel') validatePanelHeader(object(element.header, `${path} -> header`), `${path} -> header`)
  if (tag === 'table') countTable(path, walk, place)
  if (spec.isInteractive) validateInteraction(element, path, walk, place)
  if (tag === 'form') {
    validateForm(element, path, walk, place)
    return
  }
  if (spec.children !== undefined && place.depth >= MAX_DEPTH) refuse(path, `containers nest at most ${MAX_DEPTH} deep`)
  for (const key of spec.children ?? []) {
    const inner = { ...place, depth: place.depth + (tag === 'column' ? 0 : 1) }
    validateElements(element[key] ?? [], `${path} -> ${key}`, walk, inner, tag === 'column_set' ? 'column' : undefined)
  }
}

function validateForm(form: JsonObject, path: string, walk: Walk, place: Place): void {
  if (place.depth > 0 || place.form !== undefined) refuse(path, 'a form stands at the root of the card only')
  takeName(form, path, walk)
  const counter = { submits: 0 }
  validateElements(form.elements, `${path} -> elements`, walk, { depth: 1, form: counter })
  if (counter.submits === 0) refuse(path, 'a form needs at least one submit button')
}

function validateInteraction(element: JsonObject, path: string, walk: Walk, place: Place): void {
  if (place.form !== undefined && element.name === undefined) refuse(path, 'name is required inside a form')
  if (element.name !== undefined) takeName(element, path, walk)
  if (element.confirm !== undefined) {
    const confirm = object(element.confirm, `${path} -> confirm`)
    known(confirm, ['title', 'text'], `${path} -> confirm`)
    validateText(confirm.title, `${path} -> confirm -> title`, ['plain_text'])
    validateText(confirm.text, `${path} -> confirm -> text`, ['plain_text'])
  }
  if (element.behaviors === undefined) return
  if (!Array.isArray(element.behaviors)) refuse(path, 'behaviors must be an array')
  for (const [index, item] of element.behaviors.entries()) {
    validateBehaviour(object(item, `${path} -> behaviors -> [${index}]`), `${path} -> behaviors -> [${index}]`)
  }
}

function validateBehaviour(behaviour: JsonObject, path: string): void {
  if (behaviour.type === 'callback') {
    known(behaviour, ['type', 'value'], path)
    if (!isObject(behaviour.value)) refuse(path, 'value of a callback must be an object')
    return
  }
  if (behaviour.type === 'open_url') {
    known(behaviour, ['type', 'default_url', 'pc_url', 'ios_url', 'android_url'], path)
    if (typeof behaviour.default_url !== 'string') refuse(path, 'default_url is required')
    return
  }
  // The form_action behaviour is the newer way to write form_action_type.
  if (behaviour.type === 'form_action') {
    known(behaviour, ['type', 'behavior'], path)
    return
  }
  refuse(path, `unknown behavior type ${String(behaviour.type)}`)
}

function validateButton(button: JsonObject, path: string, place: Place): void {
  if (button.text === undefined && button.icon === undefined) refuse(path, 'a button needs a text or an icon')
  if (button.text !== undefined) {
    const text = validateText(button.text, `${path} -> text`, ['plain_text'])
    for (const content of [text.content, ...Object.values(isObject(text.i18n_content) ? text.i18n_content : {})]) {
      if (typeof content === 'string' && content.length > MAX_BUTTON_TEXT) {
        refuse(path, `the text of a button has at most ${MAX_BUTTON_TEXT} characters`)
      }
    }
  }
  if (button.width !== undefined && !/^(default|fill|\d{3,}px)$/.test(String(button.width))) {
    refuse(path, 'width must be default, fill or at least 100px')
  }
  const isSubmit = button.form_action_type === 'submit' || button.action_type === 'form_submit'
  if (isSubmit && place.form === undefined) refuse(path, 'a submit button stands inside a form only')
  if (isSubmit && place.form !== undefined) place.form.submits += 1
}

function validateInput(input: JsonObject, path: string): void {
  const longest = input.max_length
  if (longest !== undefined && !(Number.isInteger(longest) && Number(longest) >= 1 && Number(longest) <= 1000)) {
    refuse(path, 'max_length must be a whole number from 1 to 1000')
  }
  for (const key of ['placeholder', 'label']) {
    if (input[key] !== undefined) validateText(input[key], `${path} -> ${key}`, ['plain_text'])
  }
  if (input.default_value !== undefined && typeof input.default_value !== 'string') {
    refuse(path, 'default_value must be a string')
  }
}

function validateDiv(div: JsonObject, path: string): void {
  if (div.text !== undefined) validateText(div.text, `${path} -> text`, ['plain_text', 'lark_md'])
  if (div.fields !== undefined && !Array.isArray(div.fields)) refuse(path, 'fields must be an array')
}

function validatePanelHeader(header: JsonObject, path: string): void {
  known(
    header,
    [
      'title',
      'background_color',
      'vertical_align',
      'padding',
      'position',
      'width',
      'icon',
      'icon_position',
      'icon_expanded_angle',
    ],
    path,
  )
  validateText(header.title, `${path} -> title`, ['plain_text', 'lark_md', 'markdown'])
}

function countTable(path: string, walk: Walk, place: Place): void {
  walk.tables += 1
  if (place.form !== undefined) refuse(path, 'a form holds no table')
  if (walk.tables > MAX_TABLES) refuse(path, `card table number over limit ${MAX_TABLES}`, cardProblemCodes.tooMany)
}

function validateElementId(element: JsonObject, path: string, walk: Walk): void {
  const id = element.element_id
  if (id === undefined) return
  if (typeof id !== 'string' || !/^[A-Za-z][A-Za-z0-9_]{0,19}$/.test(id)) {
    refuse(path, 'element_id has at most 20 letters, digits and underscores and starts with a letter')
  }
  if (walk.ids.has(id)) refuse(path, `element_id ${id} is used twice`)
  walk.ids.add(id)
}

function takeName(element: JsonObject, path: string, walk: Walk): void {
  const name = element.name
  if (typeof name !== 'string' || name === '') refuse(path, 'name must be a non-empty string')
  if (walk.names.has(name)) refuse(path, `name ${name} is used twice`)
  walk.names.add(name)
}

function validateText(value: unknown, path: string, tags: string[]): JsonObject {
  const text = object(value, path)
  known(text, textProperties, path)
  if (typeof text.tag !== 'string' || !tags.includes(text.tag)) refuse(path, `tag must be one of ${tags.join(', ')}`)
  if (typeof text.content !== 'string' && !isObject(text.i18n_content)) refuse(path, 'content is required')
  validateTranslations(text, path)
  return text
}

function validateTranslations(owner: JsonObject, path: string): void {
  if (owner.content !== undefined && typeof owner.content !== 'string') refuse(path, 'content must be a string')
  if (owner.i18n_content === undefined) return
  for (const [language, content] of Object.entries(object(owner.i18n_content, `${path} -> i18n_content`))) {
    if (!languages.includes(language)) refuse(path, `unknown language ${language} in i18n_content`)
    if (typeof content !== 'string') refuse(path, `i18n_content.${language} must be a string`)
  }
}

function validateLink(link: JsonObject, path: string): void {
  known(link, linkProperties, path)
  if (link.url === undefined && !['pc_url', 'ios_url', 'android_url'].every((key) => link[key] !== undefined)) {
    refuse(path, 'give url, or all of pc_url, ios_url and android_url')
  }
}

function known(value: JsonObject, properties: readonly string[], path: string): void {
  const stranger = Object.keys(value).find((key) => !properties.includes(key))
  if (stranger !== undefined) refuse(path, `unknown property, property: ${stranger}`)
}

function oneOf(owner: JsonObject, key: string, values: readonly unknown[], path: string): void {
  if (owner[key] !== undefined && !values.includes(owner[key])) {
    refuse(path, `${key} must be one of ${values.join(', ')}`)
  }
}

function object(value: unknown, path: string): JsonObject {
  return isObject(value) ? value : refuse(path, 'must be an object')
}
