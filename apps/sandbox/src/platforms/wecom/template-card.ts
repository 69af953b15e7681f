import { isObject, type JsonObject, objectsAt, stringAt } from '#sandbox/json.ts'

/** The two kinds that a group's bot may send: neither has a button that calls back. */
export const cardTypes = ['text_notice', 'news_notice']

const MAX_HORIZONTAL = 6
const MAX_JUMPS = 3
const MAX_VERTICAL = 4

/** What is wrong with a card, in the style of the platform's messages; undefined when nothing is. */
export function faultOfCard(card: JsonObject): string | undefined {
  const type = stringAt(card, 'card_type') ?? ''
  if (!cardTypes.includes(type)) return `template_card.card_type ${type} is not supported`
  return (
    faultOfAction(card.card_action) ??
    faultOfTitle(type, card) ??
    faultOfRows(card) ??
    faultOfJumps(card) ??
    (type === 'news_notice' ? faultOfNews(card) : undefined)
  )
}

/** A tap on the card must lead somewhere: 1 a page, 2 a mini program. */
function faultOfAction(action: unknown): string | undefined {
  if (!isObject(action)) return 'template_card.card_action is missing'
  if (action.type === 1) return isUrl(action.url) ? undefined : 'template_card.card_action.url is invalid'
  if (action.type === 2) return stringAt(action, 'appid') ? undefined : 'template_card.card_action.appid is missing'
  return 'template_card.card_action.type is invalid'
}

function faultOfTitle(type: string, card: JsonObject): string | undefined {
  const title = isObject(card.main_title) ? stringAt(card.main_title, 'title') : undefined
  if (title) return undefined
  if (type === 'text_notice' && stringAt(card, 'sub_title_text')) return undefined
  return 'template_card.main_title.title is missing'
}

function faultOfRows(card: JsonObject): string | undefined {
  const list = card.horizontal_content_list
  if (list === undefined) return undefined
  const rows = objectsAt(card, 'horizontal_content_list')
  if (!Array.isArray(list) || rows.length !== list.length || rows.length > MAX_HORIZONTAL) {
    return `template_card.horizontal_content_list exceed max length ${MAX_HORIZONTAL}`
  }
  const isWhole = (row: JsonObject) => {
    if (!stringAt(row, 'keyname')) return false
    if (row.type === 1) return isUrl(row.url)
    if (row.type === 2) return Boolean(stringAt(row, 'media_id'))
    if (row.type === 3) return Boolean(stringAt(row, 'userid'))
    return row.type === undefined || row.type === 0
  }
  return rows.every(isWhole) ? undefined : 'template_card.horizontal_content_list is invalid'
}

function faultOfJumps(card: JsonObject): string | undefined {
  const list = card.jump_list
  if (list === undefined) return undefined
  const jumps = objectsAt(card, 'jump_list')
  if (!Array.isArray(list) || jumps.length !== list.length || jumps.length > MAX_JUMPS) {
    return `template_card.jump_list exceed max length ${MAX_JUMPS}`
  }
  const isWhole = (jump: JsonObject) => {
    if (!stringAt(jump, 'title')) return false
    if (jump.type === 1) return isUrl(jump.url)
    if (jump.type === 2) return Boolean(stringAt(jump, 'appid'))
    return jump.type === undefined || jump.type === 0
  }
  return jumps.every(isWhole) ? undefined : 'template_card.jump_list is invalid'
}

function faultOfNews(card: JsonObject): string | undefined {
  const image = isObject(card.card_image) ? card.card_image.url : undefined
  const area = isObject(card.image_text_area) ? card.image_text_area.image_url : undefined
  if (!isUrl(image) && !isUrl(area)) return 'template_card.card_image is missing'
  const rows = objectsAt(card, 'vertical_content_list')
  if (rows.length > MAX_VERTICAL) return `template_card.vertical_content_list exceed max length ${MAX_VERTICAL}`
  return rows.every((row) => stringAt(row, 'title')) ? undefined : 'template_card.vertical_content_list is invalid'
}

function isUrl(value: unknown): boolean {
  return typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value)
}
