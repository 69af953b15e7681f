import type { TextFormat } from '#server/channels/messenger.ts'
import { inertLine } from '#server/channels/text.ts'

/** In a platform's markdown what people wrote must be no link, mention, tag, code or emphasis: look-alikes take their place. */
const lookAlikes: Readonly<Record<string, string>> = {
  ...{ '[': '［', ']': '］', '<': '＜', '>': '＞', '@': '＠', '`': 'ˋ', '!': '！', '*': '∗', _: '＿', '~': '∼' },
  ...{ '#': '＃', '|': '｜', '\\': '＼' },
  // An address in plain sight would be made a link.
  '://': '：//',
}
const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** What a person wrote, on one line, so that in this format it is text and nothing else. */
export function escapeLine(text: string, format: TextFormat): string {
  const line = inertLine(text)
  switch (format) {
    case 'plain':
      return line
    case 'html':
      return line.replace(/[&<>"']/g, (mark) => entities[mark] ?? mark)
    case 'dingtalk-markdown':
    case 'wecom-markdown':
      return line.replace(/:\/\/|[[\]<>@`!*_~|\\]|^#(?=#*\s)/g, (mark) => lookAlikes[mark] ?? mark)
  }
}
