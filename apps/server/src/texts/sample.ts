import type { Locale, NoticeEvent, TextKind } from '@countersign/contracts'
import type { CardModel } from '#server/channels/channel.ts'
import { wordUnreachable } from '#server/coverage/report-words.ts'
import { createTranslator } from '#server/i18n/translator.ts'
import type { TextContent } from './text-renderer.ts'

/* A ticket and messages as they might be, for previews and to try a template before it is kept. */

const hour = 3_600_000
/** 27 Nov 2026, 02:00 UTC. */
const submittedAt = Date.UTC(2026, 10, 27, 2)

type Sample = Pick<CardModel, 'title' | 'submitter' | 'description' | 'fields'> & {
  step: string
  approvers: [string, string]
  comment: string
}

const samples: Readonly<Record<Locale, Sample>> = {
  en: {
    title: 'Export Q3 orders for the auditors',
    submitter: 'Bob Tan',
    description: 'The auditors need the orders of the third quarter.\nPersonal data is masked.',
    fields: [
      { label: 'Database', value: 'orders@prod' },
      { label: 'Rows', value: '12,480' },
    ],
    step: 'Data owner',
    approvers: ['Alice Lim', 'Carol Wong'],
    comment: 'Please export masked columns only.',
  },
  'zh-CN': {
    title: '为审计导出第三季度订单',
    submitter: '陈伟',
    description: '审计需要第三季度的订单。\n个人信息已脱敏。',
    fields: [
      { label: '数据库', value: 'orders@prod' },
      { label: '行数', value: '12,480' },
    ],
    step: '数据 Owner',
    approvers: ['王海燕', '李强'],
    comment: '请只导出脱敏列。',
  },
  ja: {
    title: '監査用の第3四半期注文データのエクスポート',
    submitter: '佐藤 健',
    description: '監査で第3四半期の注文データが必要です。\n個人情報はマスク済みです。',
    fields: [
      { label: 'データベース', value: 'orders@prod' },
      { label: '行数', value: '12,480' },
    ],
    step: 'データオーナー',
    approvers: ['鈴木 花子', '高橋 誠'],
    comment: 'マスク済みの列だけをエクスポートしてください。',
  },
  ms: {
    title: 'Eksport pesanan suku ketiga untuk juruaudit',
    submitter: 'Farid Hassan',
    description: 'Juruaudit memerlukan pesanan suku ketiga.\nData peribadi telah ditopeng.',
    fields: [
      { label: 'Pangkalan data', value: 'orders@prod' },
      { label: 'Baris', value: '12,480' },
    ],
    step: 'Pemilik data',
    approvers: ['Aisyah Rahman', 'Lim Wei'],
    comment: 'Sila eksport lajur yang ditopeng sahaja.',
  },
  id: {
    title: 'Ekspor pesanan kuartal ketiga untuk auditor',
    submitter: 'Budi Santoso',
    description: 'Auditor membutuhkan pesanan kuartal ketiga.\nData pribadi sudah disamarkan.',
    fields: [
      { label: 'Basis data', value: 'orders@prod' },
      { label: 'Baris', value: '12.480' },
    ],
    step: 'Pemilik data',
    approvers: ['Siti Rahayu', 'Agus Wijaya'],
    comment: 'Mohon ekspor kolom yang disamarkan saja.',
  },
  ar: {
    title: 'تصدير طلبات الربع الثالث للمدققين',
    submitter: 'أحمد العتيبي',
    description: 'يحتاج المدققون إلى طلبات الربع الثالث.\nالبيانات الشخصية محجوبة.',
    fields: [
      { label: 'قاعدة البيانات', value: 'orders@prod' },
      { label: 'الصفوف', value: '12,480' },
    ],
    step: 'مالك البيانات',
    approvers: ['فاطمة الحربي', 'خالد القحطاني'],
    comment: 'يرجى تصدير الأعمدة المحجوبة فقط.',
  },
}

const statuses = {
  pending: 'pending',
  reminded: 'pending',
  changed: 'pending',
  approved: 'approved',
  rejected: 'rejected',
  withdrawn: 'withdrawn',
  expired: 'expired',
} as const satisfies Record<NoticeEvent, CardModel['status']>

/** A ticket of which this event is told, in the reader's language. `link`: the page it leads to. */
export function sampleCard(event: NoticeEvent, locale: Locale, timeZone: string, link: string): CardModel {
  const { step, approvers, comment, ...said } = samples[locale]
  const status = statuses[event]
  const [first, second] = approvers
  const button = { ticketId: 'sample', node: 0, contentHash: '', proof: '' }
  const closedBy = status === 'withdrawn' || status === 'expired' ? said.submitter : first
  return {
    ...said,
    event,
    locale,
    timeZone,
    ticketId: 'sample',
    number: 1042,
    module: 'data_export',
    risk: 'medium',
    status,
    createdAt: submittedAt,
    dueAt: submittedAt + 48 * hour,
    code: [{ language: 'sql', title: '', text: "select * from orders where quarter = '2026Q3'" }],
    attachments: 1,
    executesOnApproval: true,
    nodes: [
      {
        name: step,
        rule: 'any',
        status,
        approvers: [
          { name: first, decision: status === 'approved' ? 'approve' : status === 'rejected' ? 'reject' : null },
          { name: second, decision: null },
        ],
      },
    ],
    outcome:
      status === 'pending'
        ? null
        : { by: closedBy, at: submittedAt + 3 * hour, comment: status === 'rejected' ? comment : null },
    mine: null,
    decision: status === 'pending' ? 'confirm' : 'none',
    approve: { ...button, action: 'approve' },
    reject: { ...button, action: 'reject' },
    link,
  }
}

/** A message of a kind. `lines` of a report are what it reports, in the reader's language. */
export function sampleContent(
  kind: TextKind,
  place: { locale: Locale; timeZone: string; link: string; lines: string[] },
): TextContent {
  const { locale, timeZone, link, lines } = place
  const item = (event: NoticeEvent) => ({ event, ticket: sampleCard(event, locale, timeZone, link) })
  switch (kind) {
    case 'bundle':
      return { kind, items: [item('pending'), item('reminded'), item('approved')], count: 12, link }
    case 'code':
      return { kind, code: '482913', validMinutes: 10 }
    case 'test':
      return { kind }
    case 'report':
      return { kind, lines, link }
    default:
      return { kind: 'notice', item: item(kind) }
  }
}

/** Of a report on who cannot be told. */
export function sampleLines(locale: Locale): string[] {
  const t = createTranslator(locale)
  const [first, second] = samples[locale].approvers
  return [
    wordUnreachable({ uid: '', name: first, problems: [{ channel: null, reason: 'not_bound', code: null }] }, t),
    wordUnreachable({ uid: '', name: second, problems: [{ channel: 'lark', reason: 'not_found', code: null }] }, t),
  ]
}
