import type { ButtonValue } from '#server/channels/channel.ts'

/*
 * The few components of card JSON 2.0 that our cards are made of. A property that the platform does not know makes it
 * refuse the whole card, so each is written here once. What is the platform's default is left out: size is short.
 */

export type Element = Readonly<Record<string, unknown>>

type Color = 'grey' | 'green' | 'blue' | 'orange' | 'red' | 'carmine'
type Size = 'notation' | 'heading'

/** Text that the platform does not interpret: the only way in which anything people wrote stands on a card. */
export function plain(content: string): Element {
  return { tag: 'plain_text', content }
}

export function line(content: string, look: { size?: Size; color?: Color } = {}): Element {
  const size = look.size === undefined ? {} : { text_size: look.size }
  const color = look.color === undefined ? {} : { text_color: look.color }
  return { tag: 'div', text: { ...plain(content), ...size, ...color } }
}

export function label(content: string): Element {
  return line(content, { size: 'notation', color: 'grey' })
}

export function note(content: string): Element {
  return line(content, { size: 'notation', color: 'orange' })
}

/** Our own markdown only; see `codeBlock`. */
export function markdown(content: string): Element {
  return { tag: 'markdown', content }
}

export const divider: Element = { tag: 'hr' }

/** Columns of equal width that stay beside each other on a phone. */
export function row(columns: readonly (readonly Element[])[]): Element {
  return columnSet(columns.map((elements) => column(elements, { width: 'weighted' })))
}

/** What belongs together, without the distance that stands between the parts of a card. */
export function group(elements: readonly Element[]): Element {
  return row([elements])
}

/** A narrow column for a mark, and the rest. */
export function marked(mark: Element, elements: readonly Element[]): Element {
  return columnSet([column([mark], { width: 'auto' }), column(elements, { width: 'weighted' })])
}

function columnSet(columns: readonly Element[]): Element {
  return { tag: 'column_set', columns }
}

function column(elements: readonly Element[], width: Element): Element {
  return { tag: 'column', ...width, vertical_spacing: '2px', elements }
}

/** A question before the tap counts; the client words its own OK and Cancel. */
export interface Confirmation {
  title: string
  text: string
}

function confirmation(confirm: Confirmation | null): Element {
  return confirm === null ? {} : { confirm: { title: plain(confirm.title), text: plain(confirm.text) } }
}

export function approveButton(text: string, value: ButtonValue, confirm: Confirmation | null): Element {
  return {
    tag: 'button',
    name: 'approve',
    type: 'primary_filled',
    size: 'medium',
    width: 'fill',
    text: plain(text),
    ...confirmation(confirm),
    behaviors: [{ type: 'callback', value }],
  }
}

export function linkButton(text: string, url: string, type: 'default' | 'primary_filled'): Element {
  return {
    tag: 'button',
    type,
    size: 'medium',
    width: 'fill',
    text: plain(text),
    behaviors: [{ type: 'open_url', default_url: url }],
  }
}

/** The reason and the button that sends it: the client asks for the reason before it calls us. */
export function rejectForm(
  texts: { reason: string; hint: string; reject: string },
  value: ButtonValue,
  confirm: Confirmation | null,
): Element {
  return {
    tag: 'form',
    name: 'rejection',
    elements: [
      {
        tag: 'input',
        name: 'reason',
        required: true,
        input_type: 'multiline_text',
        rows: 2,
        auto_resize: true,
        max_rows: 6,
        max_length: 1_000,
        width: 'fill',
        label: plain(texts.reason),
        label_position: 'top',
        placeholder: plain(texts.hint),
      },
      {
        tag: 'button',
        name: 'reject',
        type: 'danger',
        size: 'medium',
        width: 'fill',
        form_action_type: 'submit',
        text: plain(texts.reject),
        ...confirmation(confirm),
        behaviors: [{ type: 'callback', value }],
      },
    ],
  }
}
