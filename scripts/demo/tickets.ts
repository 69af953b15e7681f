import type { BodyOf } from '@countersign/contracts'

type Input = BodyOf<'submitTicket'>

/** What happens to a demo ticket after it was submitted: who taps what on their card, in order. */
export interface DemoTicket {
  ticket: Input
  taps?: { person: string; action: 'approve' | 'reject'; reason?: string }[]
  withdraw?: string
}

const sql = (title: string, text: string) => [{ language: 'sql', title, text }]

/** A dozen tickets as a week brings them: in several languages, small and large, waiting and done. */
export const demoTickets: readonly DemoTicket[] = [
  {
    ticket: {
      externalId: 'demo-perm-1',
      module: 'perm_apply',
      title: 'Read access to orders_prod.customers for the churn model',
      description:
        'The data science team trains the monthly churn model from customer attributes. Access ends on 31 December.',
      submitter: 'bob',
      risk: 'low',
      fields: [
        { label: 'Database', value: 'orders_prod @ ap-southeast-1' },
        { label: 'Tables', value: 'customers, customer_segments' },
        { label: 'Permission', value: 'Query' },
        { label: 'Until', value: '2026-12-31' },
      ],
    },
  },
  {
    ticket: {
      externalId: 'demo-export-1',
      module: 'data_export',
      title: 'Export Q3 orders for the auditors',
      description: 'External audit asks for all orders of Q3 with amounts and tax. No personal columns are included.',
      submitter: 'bob',
      risk: 'medium',
      executesOnApproval: true,
      fields: [
        { label: 'Database', value: 'orders_prod @ ap-southeast-1' },
        { label: 'Rows', value: '184,220 (estimated)' },
        { label: 'Format', value: 'CSV, password protected' },
      ],
      code: sql(
        'Statement',
        "SELECT o.id, o.placed_at, o.currency, o.total_minor, o.tax_minor\nFROM orders AS o\nWHERE o.placed_at >= '2026-07-01'\n  AND o.placed_at <  '2026-10-01'\n  AND o.status IN ('paid', 'refunded')\nORDER BY o.id;",
      ),
      cc: ['lina'],
    },
  },
  {
    ticket: {
      externalId: 'demo-schema-1',
      module: 'nddl',
      title: '订单表增加跨境税号字段并建立索引',
      description: '沙特站点上线需要保存买家税号。变更在凌晨低峰执行，使用无锁变更，预计 40 分钟。',
      submitter: 'lina',
      risk: 'high',
      executesOnApproval: true,
      fields: [
        { label: '数据库', value: 'orders_prod @ cn-hangzhou' },
        { label: '表', value: 'orders（2.1 亿行）' },
        { label: '变更方式', value: '无锁变更' },
        { label: '回滚方案', value: '删除新增字段与索引' },
      ],
      code: sql(
        '变更语句',
        "ALTER TABLE orders\n  ADD COLUMN buyer_tax_no VARCHAR(32) NULL COMMENT '买家税号' AFTER buyer_id,\n  ADD INDEX idx_buyer_tax_no (buyer_tax_no);\n\n-- 历史数据回填，每批 5000 行\nUPDATE orders o JOIN buyer_profile p ON p.buyer_id = o.buyer_id\n   SET o.buyer_tax_no = p.tax_no\n WHERE o.buyer_tax_no IS NULL AND p.tax_no IS NOT NULL\n LIMIT 5000;",
      ),
    },
  },
  {
    ticket: {
      externalId: 'demo-change-1',
      module: 'dc_common',
      title: 'Correct duplicated refunds of 12 November',
      description:
        'A retry booked 37 refunds twice. The statement marks the second booking as void; amounts are checked against the payment provider.',
      submitter: 'aisyah',
      risk: 'medium',
      executesOnApproval: true,
      fields: [
        { label: 'Database', value: 'payments_prod @ ap-southeast-3' },
        { label: 'Rows', value: '37' },
      ],
      code: sql(
        'Statement',
        "UPDATE refunds SET status = 'void', void_reason = 'duplicate booking'\nWHERE id IN (SELECT duplicate_id FROM tmp_refund_duplicates)\n  AND status = 'booked';",
      ),
    },
    taps: [{ person: 'budi', action: 'approve' }],
  },
  {
    ticket: {
      externalId: 'demo-perm-2',
      module: 'perm_apply',
      title: '申请物流库只读权限（双十二大促值班）',
      description: '大促期间排查物流延迟，需要查询运单与轨迹表，12 月 15 日自动回收。',
      submitter: 'lina',
      risk: 'low',
      fields: [
        { label: '数据库', value: 'logistics @ cn-hangzhou' },
        { label: '权限', value: '查询' },
        { label: '有效期', value: '2026-12-15' },
      ],
    },
  },
  {
    ticket: {
      externalId: 'demo-export-2',
      module: 'data_export',
      title: 'تصدير طلبات متجر الرياض لشهر أكتوبر',
      description: 'يحتاج الفريق المالي في الرياض إلى قائمة الطلبات لمطابقة ضريبة القيمة المضافة.',
      submitter: 'budi',
      risk: 'medium',
      executesOnApproval: true,
      fields: [
        { label: 'قاعدة البيانات', value: 'orders_prod @ me-central-1' },
        { label: 'الصفوف', value: '9,412' },
      ],
      code: sql(
        'SQL',
        "SELECT id, placed_at, total_minor, vat_minor\nFROM orders\nWHERE shop = 'RUH-01'\n  AND placed_at BETWEEN '2026-10-01' AND '2026-10-31';",
      ),
      nodes: [{ name: 'Finance', approvers: ['fatima', 'alice'], rule: 'any' }],
    },
  },
  {
    ticket: {
      externalId: 'demo-clone-1',
      module: 'database_clone',
      title: 'ステージング環境へ在庫データベースを複製',
      description: '次期リリースの負荷試験のため、個人情報をマスキングした上で複製します。',
      submitter: 'yuki',
      risk: 'medium',
      fields: [
        { label: '複製元', value: 'inventory_prod @ ap-northeast-1' },
        { label: '複製先', value: 'inventory_stg' },
        { label: 'マスキング', value: '有効' },
      ],
      nodes: [{ name: 'DBA', approvers: ['alice', 'chenwei'], rule: 'any' }],
    },
    taps: [{ person: 'alice', action: 'approve' }],
  },
  {
    ticket: {
      externalId: 'demo-sensitive-1',
      module: 'sensitivity',
      title: 'Unmask customers.phone for the support pilot',
      description: 'Support wants to see full phone numbers in the pilot group.',
      submitter: 'bob',
      risk: 'low',
      fields: [
        { label: 'Column', value: 'customers.phone' },
        { label: 'People', value: '24' },
      ],
      nodes: [{ name: 'Security', approvers: ['yuki', 'fatima'], rule: 'any' }],
    },
    taps: [
      { person: 'yuki', action: 'reject', reason: 'Please use the call button, which needs no number on the screen.' },
    ],
  },
  {
    ticket: {
      externalId: 'demo-perm-3',
      module: 'perm_apply',
      title: 'Akses baca ke gudang data untuk laporan mingguan',
      description: 'Laporan mingguan penjualan memerlukan akses baca ke tabel agregat.',
      submitter: 'budi',
      risk: 'low',
      fields: [{ label: 'Basis data', value: 'warehouse @ ap-southeast-5' }],
    },
    taps: [{ person: 'aisyah', action: 'approve' }],
  },
  {
    ticket: {
      externalId: 'demo-track-1',
      module: 'data_track',
      title: 'Trace who changed the shipping prices on Friday',
      description: 'Prices of three carriers were wrong between 14:00 and 15:20.',
      submitter: 'aisyah',
      risk: 'low',
      nodes: [{ name: 'DBA', approvers: ['chenwei', 'alice'], rule: 'any' }],
    },
    withdraw: 'Found in the deployment log, no longer needed.',
  },
  {
    ticket: {
      externalId: 'demo-cleanup-1',
      module: 'dc_cron_clear',
      title: '历史日志清理：保留最近 180 天',
      description: '每天凌晨 2 点清理 access_log，预计释放 1.2 TB。',
      submitter: 'lina',
      risk: 'medium',
      executesOnApproval: true,
      fields: [
        { label: '表', value: 'access_log' },
        { label: '保留', value: '180 天' },
      ],
      code: sql('清理条件', 'DELETE FROM access_log WHERE created_at < NOW() - INTERVAL 180 DAY LIMIT 10000;'),
      nodes: [
        { name: '负责人', approvers: ['chenwei'], rule: 'any' },
        { name: 'Change board', approvers: ['alice', 'fatima', 'budi'], rule: 'all' },
      ],
    },
    taps: [{ person: 'chenwei', action: 'approve' }],
  },
  {
    ticket: {
      externalId: 'demo-schema-2',
      module: 'nddl',
      title: 'Drop the unused table promo_codes_2019',
      description: 'Last read in March 2021. A snapshot is kept for 90 days.',
      submitter: 'bob',
      risk: 'high',
      executesOnApproval: true,
      fields: [
        { label: 'Database', value: 'orders_prod @ ap-southeast-1' },
        { label: 'Size', value: '84 GB' },
      ],
      code: sql('Statement', 'DROP TABLE promo_codes_2019;'),
    },
  },
]

const topics = [
  {
    module: 'data_export',
    title: 'Export open invoices for the collection agency',
    risk: 'medium',
    executesOnApproval: true,
  },
  {
    module: 'perm_apply',
    title: 'Read access to the returns table for a week',
    risk: 'low',
    executesOnApproval: false,
  },
  { module: 'nddl', title: 'Add an index on shipments.tracking_no', risk: 'high', executesOnApproval: true },
  { module: 'perm_apply', title: '申请营销库查询权限', risk: 'low', executesOnApproval: false },
] as const

/** The tickets of the button "Submit another ticket": the topics in turn. */
export function anotherTicket(count: number): Input {
  const topic = topics[count % topics.length] ?? topics[0]
  return {
    ...topic,
    description: 'Submitted from the demo.',
    submitter: count % 2 === 0 ? 'bob' : 'lina',
    fields: [
      { label: 'Database', value: 'orders_prod @ ap-southeast-1' },
      { label: 'Asked for', value: `demo no. ${count + 1}` },
    ],
    code: topic.executesOnApproval
      ? sql('Statement', `-- ${topic.title}\nSELECT count(*) FROM invoices WHERE paid_at IS NULL;`)
      : [],
  }
}
