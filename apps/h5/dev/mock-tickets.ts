import type { TicketDetail } from '@countersign/contracts'

/** Invented tickets and people for development and pictures. */
export const people = {
  wei: { uid: 'wei', name: '陈伟' },
  lin: { uid: 'lin', name: '林晓' },
  zhao: { uid: 'zhao', name: '赵敏' },
  alice: { uid: 'alice', name: 'Alice Tan' },
  bob: { uid: 'bob', name: 'Bob Lim' },
  carol: { uid: 'carol', name: 'Carol Ng' },
} as const
export type Uid = keyof typeof people

const longSql = `-- Remove addresses that belong to closed accounts.
BEGIN;

CREATE TABLE backup.user_address_20261121 AS
SELECT a.*
  FROM user_address a
  JOIN account c ON c.id = a.account_id
 WHERE c.status = 'closed'
   AND c.closed_at < now() - interval '180 days';

DELETE FROM user_address a
 USING account c
 WHERE c.id = a.account_id
   AND c.status = 'closed'
   AND c.closed_at < now() - interval '180 days';

-- Expected: 48,211 rows. The job stops by itself above 60,000.
DO $$
BEGIN
  IF (SELECT count(*) FROM backup.user_address_20261121) > 60000 THEN
    RAISE EXCEPTION 'more rows than announced';
  END IF;
END $$;

COMMIT;
ANALYZE user_address;`

interface Seed {
  title: string
  module: string
  risk: TicketDetail['risk']
  submitter: Uid
  hoursAgo: number
  dueInHours?: number
  description?: string
  fields?: TicketDetail['fields']
  code?: TicketDetail['code']
  attachments?: TicketDetail['attachments']
  runs?: boolean
  status?: TicketDetail['status']
  nodes?: [string, Uid[], TicketDetail['nodes'][number]['rule']?][]
  /** How many nodes are through. */
  passed?: number
  cc?: Uid[]
}

export const seeds: Seed[] = [
  {
    title: '导出华东区第三季度订单明细',
    module: 'data_export',
    risk: 'medium',
    submitter: 'lin',
    hoursAgo: 0.4,
    dueInHours: 20,
    description: '财务部季度对账使用，文件仅在内网保存，7 天后自动删除。',
    fields: [
      { label: '数据库', value: 'orders@prod-cn-hangzhou' },
      { label: '预计行数', value: '18,204' },
      { label: '脱敏', value: '手机号、收货地址' },
      { label: '用途', value: '季度对账' },
    ],
    code: [
      {
        language: 'sql',
        title: '导出语句',
        text: "SELECT order_id, region, amount, paid_at\n  FROM orders\n WHERE region = 'east-china'\n   AND paid_at >= '2026-07-01' AND paid_at < '2026-10-01'\n ORDER BY paid_at;",
      },
    ],
    attachments: [{ name: '对账说明.pdf', url: 'https://files.example.com/1.pdf', size: 284_112 }],
    nodes: [
      ['数据 Owner', ['zhao']],
      ['DBA 复核', ['wei', 'alice']],
      ['安全管理员', ['carol']],
    ],
    passed: 1,
    cc: ['bob'],
  },
  {
    title: 'Clean up addresses of closed accounts in production',
    module: 'dc_cron_clear',
    risk: 'high',
    submitter: 'bob',
    hoursAgo: 3,
    dueInHours: -1,
    runs: true,
    description:
      'Legal asked for it (retention policy 4.2). Dry run on staging: 47,980 rows.\nA backup table is written first.',
    fields: [
      { label: 'Database', value: 'crm@prod-ap-southeast-1' },
      { label: 'Rows affected', value: '≈ 48,211' },
      { label: 'Window', value: 'on approval' },
      { label: 'Rollback', value: 'restore from backup.user_address_20261121' },
    ],
    code: [{ language: 'sql', title: 'cleanup.sql', text: longSql }],
    attachments: [
      { name: 'dry-run-result.txt', url: 'https://files.example.com/2.txt', size: 12_400 },
      { name: 'retention-policy.pdf', url: 'https://files.example.com/3.pdf', size: 1_240_000 },
    ],
    nodes: [['DBA', ['wei', 'carol'], 'all']],
  },
  {
    title: 'Read access to warehouse.sales for the analytics team',
    module: 'perm_apply',
    risk: 'low',
    submitter: 'carol',
    hoursAgo: 26,
    description: 'Three analysts, 90 days.',
    fields: [
      { label: 'Object', value: 'warehouse.sales (table)' },
      { label: 'Permission', value: 'query' },
      { label: 'Until', value: '2027-02-19' },
    ],
    nodes: [['Owner', ['wei']]],
  },
  {
    title: '会员表新增积分有效期字段 member.points_expire_at',
    module: 'nddl',
    risk: 'medium',
    submitter: 'zhao',
    hoursAgo: 50,
    runs: true,
    fields: [{ label: '数据库', value: 'member@prod-cn-hangzhou' }],
    code: [{ language: 'sql', title: '', text: 'ALTER TABLE member\n  ADD COLUMN points_expire_at TIMESTAMP NULL;' }],
    nodes: [
      ['DBA', ['wei']],
      ['运维', ['bob', 'carol', 'alice'], { quorum: 2 }],
    ],
  },
  {
    title: '申请 risk_rule 库 Owner',
    module: 'owner_apply',
    risk: 'low',
    submitter: 'lin',
    hoursAgo: 75,
    nodes: [['DBA', ['wei']]],
  },
  {
    title: 'Copy the September snapshot to the staging cluster so that the release rehearsal has real volumes',
    module: 'database_clone',
    risk: 'low',
    submitter: 'alice',
    hoursAgo: 90,
    nodes: [['DBA', ['wei', 'carol']]],
  },
  {
    title: '批量修正 3 月错账（支付网关超时重复入账）',
    module: 'dc_common',
    risk: 'high',
    submitter: 'lin',
    hoursAgo: 120,
    runs: true,
    nodes: [
      ['财务', ['zhao']],
      ['DBA', ['wei']],
    ],
    passed: 1,
  },
  {
    title: 'Rotate credentials of the reporting proxy',
    module: 'proxy_apply',
    risk: 'medium',
    submitter: 'bob',
    hoursAgo: 150,
    nodes: [['Security', ['wei']]],
  },
  {
    title: '十月报表导出',
    module: 'data_export',
    risk: 'low',
    submitter: 'lin',
    hoursAgo: 200,
    status: 'approved',
    nodes: [['DBA', ['wei']]],
  },
  {
    title: 'Drop unused index on events',
    module: 'dc_chunk',
    risk: 'medium',
    submitter: 'bob',
    hoursAgo: 260,
    status: 'rejected',
    nodes: [['DBA', ['wei']]],
  },
  {
    title: '我提交的：同步用户标签到营销库',
    module: 'table_sync',
    risk: 'low',
    submitter: 'wei',
    hoursAgo: 5,
    nodes: [['Owner', ['zhao', 'alice'], 'all']],
  },
  {
    title: 'Archive audit logs older than two years',
    module: 'data_archive',
    risk: 'medium',
    submitter: 'wei',
    hoursAgo: 300,
    status: 'withdrawn',
    nodes: [['DBA', ['carol']]],
  },
  {
    title: 'New dashboard for the Jakarta office',
    module: 'jakarta_dashboard',
    risk: 'low',
    submitter: 'alice',
    hoursAgo: 30,
    nodes: [['Owner', ['carol']]],
    cc: ['wei'],
  },
]
