/** A card as one person sees it: what the phone draws and what can be pressed. */
export type CardNode =
  | { kind: 'group'; direction: 'horizontal' | 'vertical'; hasBackground: boolean; children: CardNode[] }
  | { kind: 'header'; text: string }
  | { kind: 'text'; text: string; style: string; color: string; isBold: boolean; align: 'start' | 'center' | 'end' }
  | { kind: 'markdown'; source: string }
  | { kind: 'tag'; text: string; color: string }
  | { kind: 'divider' }
  | { kind: 'panel'; title: string; isOpen: boolean; children: CardNode[] }
  | { kind: 'buttons'; direction: 'horizontal' | 'vertical'; buttons: CardButton[] }
  | { kind: 'form'; id: string; fields: FormField[]; submit: CardButton }
  | { kind: 'input'; field: FormField; submit?: CardButton }
  | { kind: 'unknown'; component: string }

export interface CardButton {
  /** Where it stands in the template; the same for everybody. */
  key: string
  text: string
  color: string
  isDisabled: boolean
  /** `request` calls the app, `url` opens a page, anything else stays on the phone. */
  action: string
  actionId: string
  /** What goes to the app with a click; values of variables filled in. */
  params: Record<string, string>
  url: string
  confirm?: { title: string; text: string }
  successToast: string
  failureToast: string
  /** The condition on the answer, as the template has it; empty means that any answer is a success. */
  successCondition: unknown
  /** Fields that are sent along: under `form` for a form, as `input` for a text input. */
  sends?: 'form' | 'input'
  fields: FormField[]
}

/** A field of a form variable (form-variables page), or a text input. */
export interface FormField {
  name: string
  label: string
  type: string
  isRequired: boolean
  requiredMessage: string
  placeholder: string
  defaultValue: string
  isReadOnly: boolean
  options: { value: string; text: string }[]
}

/** Every button of the card, in reading order. */
export function buttonsOf(nodes: CardNode[]): CardButton[] {
  return nodes.flatMap((node) => {
    switch (node.kind) {
      case 'group':
      case 'panel':
        return buttonsOf(node.children)
      case 'buttons':
        return node.buttons
      case 'form':
        return [node.submit]
      case 'input':
        return node.submit ?? []
      default:
        return []
    }
  })
}
