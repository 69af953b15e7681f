import { isObject, type JsonObject, parseJson, stringAt } from '../../../src/json.ts'

/** A message that is no card: its words, and the pages it links to. */
export interface PlainMessage {
  title: string
  /** Markdown but for plain texts. */
  text: string
  isMarkdown: boolean
  links: { text: string; url: string }[]
  /** From the app's work notifications instead of its robot. */
  isNotification: boolean
}

/** Reads robot messages, webhook messages and work notifications alike. */
export function readMessage(msgType: string, content: string): PlainMessage {
  const value = parseJson(content)
  if (!isObject(value)) return plain({ text: content })
  if (msgType !== 'work_notification') return describe(value)
  const type = stringAt(value, 'msgtype') ?? ''
  const inner = value[type]
  return { ...describe(isObject(inner) ? inner : {}), isNotification: true }
}

/** One line for the list of chats. */
export function summaryOf(msgType: string, content: string): string {
  const { title, text } = readMessage(msgType, content)
  return title || text.replace(/[#*>`_-]+/g, '').trim()
}

function describe(value: JsonObject): PlainMessage {
  const at = (...keys: string[]) => keys.map((key) => stringAt(value, key)).find((text) => text !== undefined) ?? ''
  return plain({
    title: at('title'),
    text: at('text', 'markdown', 'content'),
    isMarkdown: stringAt(value, 'content') === undefined && stringAt(value, 'title') !== undefined,
    links: [
      { text: at('singleTitle', 'single_title'), url: at('singleURL', 'single_url') },
      { text: at('title'), url: at('messageUrl') },
      ...[1, 2, 3, 4, 5].flatMap((number) => [
        { text: at(`actionTitle${number}`), url: at(`actionURL${number}`) },
        { text: at(`buttonTitle${number}`), url: at(`buttonUrl${number}`) },
      ]),
      ...listed(value.links).map((one) => ({
        text: stringAt(one, 'title') ?? '',
        url: stringAt(one, 'messageURL') ?? '',
      })),
      ...listed(value.btns).map((one) => ({
        text: stringAt(one, 'title') ?? '',
        url: stringAt(one, 'actionURL') ?? '',
      })),
      ...listed(value.btn_json_list).map((one) => ({
        text: stringAt(one, 'title') ?? '',
        url: stringAt(one, 'action_url') ?? '',
      })),
    ].filter(({ url }) => url !== ''),
  })
}

function plain(message: Partial<PlainMessage>): PlainMessage {
  return { title: '', text: '', isMarkdown: false, links: [], isNotification: false, ...message }
}

function listed(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}
