import { createHash } from 'node:crypto'
import { isObject, type JsonObject, objectsAt, stringAt } from '#sandbox/json.ts'
import type { WecomCode } from './refusals.ts'
import { faultOfCard } from './template-card.ts'

export const messageTypes = ['text', 'markdown', 'markdown_v2', 'image', 'news', 'file', 'voice', 'template_card']

/** Bytes of UTF-8 that `content` may have. */
const maxContentBytes: Record<string, number> = { text: 2_048, markdown: 4_096, markdown_v2: 4_096 }
const MAX_IMAGE_BYTES = 2 * 1024 * 1024
const MAX_ARTICLES = 8
/** Longer titles and descriptions of articles are cut, not refused. */
const MAX_ARTICLE_TITLE = 128
const MAX_ARTICLE_TEXT = 512

export interface WecomMessage {
  msgType: string
  payload: JsonObject
}

export interface MessageFault {
  code: WecomCode
  detail?: string
}

/** Reads a message, within the limits of its type (section 6 of the protocol notes). */
export function readMessage(body: JsonObject): WecomMessage | MessageFault {
  const msgType = stringAt(body, 'msgtype') ?? ''
  if (!messageTypes.includes(msgType)) return { code: 40008 }
  const payload = body[msgType]
  if (!isObject(payload)) return { code: 40058, detail: `${msgType} is missing` }
  const fault = faultOf(msgType, payload)
  return fault ?? { msgType, payload: msgType === 'news' ? cutArticles(payload) : payload }
}

function faultOf(msgType: string, payload: JsonObject): MessageFault | undefined {
  const max = maxContentBytes[msgType]
  if (max !== undefined) return faultOfContent(msgType, payload, max)
  if (msgType === 'image') return faultOfImage(payload)
  if (msgType === 'news') return faultOfNews(payload)
  if (msgType === 'template_card') {
    const detail = faultOfCard(payload)
    return detail === undefined ? undefined : { code: 40058, detail }
  }
  // Files and recordings are uploaded first; this sandbox takes no uploads, so it knows no media.
  return { code: 40007 }
}

function faultOfContent(msgType: string, payload: JsonObject, max: number): MessageFault | undefined {
  const content = stringAt(payload, 'content') ?? ''
  if (content === '') return { code: 44004 }
  if (Buffer.byteLength(content) > max) return { code: 40058, detail: `${msgType}.content exceed max length ${max}` }
  for (const list of ['mentioned_list', 'mentioned_mobile_list']) {
    const value = payload[list]
    if (value !== undefined && !(Array.isArray(value) && value.every((one) => typeof one === 'string'))) {
      return { code: 40058, detail: `${msgType}.${list} is invalid` }
    }
  }
  return undefined
}

function faultOfImage(payload: JsonObject): MessageFault | undefined {
  const bytes = Buffer.from(stringAt(payload, 'base64') ?? '', 'base64')
  if (bytes.length === 0) return { code: 44004 }
  if (bytes.length > MAX_IMAGE_BYTES) return { code: 40009 }
  const isPicture = bytes.subarray(0, 3).toString('hex') === 'ffd8ff' || bytes.subarray(1, 4).toString() === 'PNG'
  const isWhole = createHash('md5').update(bytes).digest('hex') === stringAt(payload, 'md5')?.toLowerCase()
  return isPicture && isWhole ? undefined : { code: 40058, detail: 'image.md5 or format is invalid' }
}

function faultOfNews(payload: JsonObject): MessageFault | undefined {
  const articles = objectsAt(payload, 'articles')
  if (articles.length === 0 || articles.length > MAX_ARTICLES) {
    return { code: 40058, detail: `news.articles must have 1 to ${MAX_ARTICLES}` }
  }
  const isWhole = (article: JsonObject) => Boolean(stringAt(article, 'title')) && Boolean(stringAt(article, 'url'))
  return articles.every(isWhole) ? undefined : { code: 40058, detail: 'news.articles is invalid' }
}

function cutArticles(payload: JsonObject): JsonObject {
  const articles = objectsAt(payload, 'articles').map((article) => ({
    ...article,
    title: cut(stringAt(article, 'title') ?? '', MAX_ARTICLE_TITLE),
    description: cut(stringAt(article, 'description') ?? '', MAX_ARTICLE_TEXT),
  }))
  return { ...payload, articles }
}

/** The longest start of a text that fits into so many bytes, whole characters only. */
function cut(text: string, maxBytes: number): string {
  let kept = ''
  for (const character of text) {
    if (Buffer.byteLength(kept + character) > maxBytes) break
    kept += character
  }
  return kept
}
