import type { Locale } from '@countersign/contracts'
import { Html } from '#server/http/html.ts'

/* The H5 app's colours, as a mail can carry them. */

export type ButtonKind = 'primary' | 'danger' | 'quiet'

export interface MailLook {
  dir: 'ltr' | 'rtl'
  page: string
  brand: string
  card: string
  heading: string
  lead: string
  label: string
  value: string
  section: string
  text: string
  code: string
  digits: string
  note: string
  item: string
  link: string
  footer: string
  footerLink: string
  chip(kind: string): string
  buttonCell(kind: ButtonKind): string
  button(kind: ButtonKind): string
}

const chipColours: Readonly<Record<string, string>> = {
  pending: 'background-color:#e8edfd;color:#1f3fb5',
  low: 'background-color:#def3e8;color:#0b6e46',
  approved: 'background-color:#def3e8;color:#0b6e46',
  medium: 'background-color:#fdeed3;color:#7d4a00',
  high: 'background-color:#fde8e9;color:#b3202c',
  rejected: 'background-color:#fde8e9;color:#b3202c',
}
const plainChip = 'background-color:#e9ecf2;color:#4d5566'
const buttonColours = {
  primary: { cell: '#2a4fd6', text: '#ffffff' },
  danger: { cell: '#fde8e9', text: '#b3202c' },
  quiet: { cell: '#e9ecf2', text: '#131722' },
} as const

const latin = '-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif'
const fonts: Partial<Record<Locale, string>> = {
  'zh-CN': '-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans SC","Noto Sans CJK SC",sans-serif',
  ja: '-apple-system,"Hiragino Sans","Yu Gothic","Meiryo","Noto Sans CJK JP",sans-serif',
  ar: '-apple-system,"Segoe UI",Tahoma,"Noto Sans Arabic",Arial,sans-serif',
}
const mono = 'ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace'

/** Inline styles in the reader's direction: the oldest mail programs know no `start`. */
export function mailLook(locale: Locale): MailLook {
  const isRightToLeft = locale === 'ar'
  const [start, end] = isRightToLeft ? ['right', 'left'] : ['left', 'right']
  const font = `font-family:${fonts[locale] ?? latin}`
  const small = 'font-size:14px;line-height:20px'
  return {
    dir: isRightToLeft ? 'rtl' : 'ltr',
    page: `background-color:#f1f3f8;${font}`,
    brand: `padding:0 4px 12px;color:#626a7c;${font};${small};font-weight:600;text-align:${start}`,
    card: `padding:20px;border-radius:16px;background-color:#ffffff;color:#131722;${font};text-align:${start}`,
    heading: `margin:12px 0 0;color:#131722;${font};font-size:21px;line-height:29px;font-weight:700`,
    lead: `margin-top:8px;color:#4d5566;${font};font-size:15px;line-height:23px`,
    label: `padding:7px 0;padding-${end}:12px;border-top:1px solid #e3e7ef;color:#626a7c;${font};${small};text-align:${start}`,
    value: `padding:7px 0;border-top:1px solid #e3e7ef;color:#131722;${font};${small};text-align:${start};word-break:break-word`,
    section: `margin:16px 0 0;color:#626a7c;${font};${small};font-weight:600`,
    text: `margin:4px 0 0;color:#131722;${font};font-size:15px;line-height:23px;white-space:pre-wrap;word-break:break-word`,
    code: `margin:6px 0 0;padding:12px;border-radius:12px;background-color:#f3f5fa;color:#131722;font-family:${mono};font-size:13px;line-height:20px;text-align:left;white-space:pre-wrap;word-break:break-word`,
    digits: `margin:16px 0 0;padding:16px;border-radius:12px;background-color:#f3f5fa;color:#131722;font-family:${mono};font-size:32px;line-height:40px;letter-spacing:8px;text-align:center`,
    note: `margin:8px 0 0;color:#626a7c;${font};font-size:13px;line-height:19px`,
    item: `padding:10px 0;border-top:1px solid #e3e7ef;${font};font-size:15px;line-height:22px;text-align:${start}`,
    link: `color:#2a4fd6;${font};font-weight:600;text-decoration:none`,
    footer: `padding:14px 4px 0;color:#626a7c;${font};font-size:13px;line-height:20px;text-align:${start}`,
    footerLink: `color:#626a7c;text-decoration:underline`,
    chip: (kind) =>
      `display:inline-block;margin-bottom:4px;padding:2px 10px;border-radius:999px;${chipColours[kind] ?? plainChip};${font};font-size:13px;line-height:20px;font-weight:600`,
    buttonCell: (kind) => `border-radius:14px;background-color:${buttonColours[kind].cell}`,
    button: (kind) =>
      `display:block;padding:13px 16px;color:${buttonColours[kind].text};${font};font-size:16px;line-height:22px;font-weight:600;text-align:center;text-decoration:none`,
  }
}

/** For mail programs that know it. Whatever stands inline has to be overruled. */
export const darkMode = new Html(
  `:root{color-scheme:light dark;supported-color-schemes:light dark}@media (prefers-color-scheme:dark){${[
    '.bg{background-color:#0b0d12!important}',
    '.card{background-color:#161a22!important}',
    '.t1{color:#eef1f7!important}.t2{color:#b3bac9!important}.t3{color:#949cae!important}',
    '.line{border-color:#282e3a!important}.code{background-color:#10141b!important}.link{color:#8fa8ff!important}',
    '.chip{background-color:#252b37!important;color:#b3bac9!important}',
    '.chip.pending{background-color:#1d2748!important;color:#a9bcff!important}',
    '.chip.low,.chip.approved{background-color:#10301f!important;color:#62d6a3!important}',
    '.chip.medium{background-color:#35280e!important;color:#f2bd63!important}',
    '.chip.high,.chip.rejected{background-color:#3b191d!important;color:#ff9095!important}',
    'td.primary{background-color:#8fa8ff!important}a.primary{color:#0a1233!important}',
    'td.danger{background-color:#3b191d!important}a.danger{color:#ff9095!important}',
    'td.quiet{background-color:#252b37!important}a.quiet{color:#eef1f7!important}',
  ].join('')}}`,
)
