import { type DefaultTexts, facts, type MailBodies } from './defaults.ts'

const ticket = facts({ submitter: '提交人：', due: '截止时间：', more: '另外还有 {{ fields.size | minus: 5 }} 项' })

export const zhCN: DefaultTexts = {
  pending: { title: '{{ ticket }}：{% if asked %}等待您审批{% else %}供您知悉{% endif %}', body: ticket },
  reminded: { title: '{{ ticket }}：{% if asked %}催办，等待您审批{% else %}供您知悉{% endif %}', body: ticket },
  changed: { title: '{{ ticket }}：内容已变更，请重新查看', body: ticket },
  approved: {
    title: '{{ ticket }}：已同意',
    body: `${ticket}{% if decidedBy %}
{{ decidedBy }} 已同意{% endif %}{% if comment %}
意见：{{ comment }}{% endif %}`,
  },
  rejected: {
    title: '{{ ticket }}：已拒绝',
    body: `${ticket}{% if decidedBy %}
{{ decidedBy }} 已拒绝{% endif %}{% if comment %}
原因：{{ comment }}{% endif %}`,
  },
  withdrawn: {
    title: '{{ ticket }}：已撤回',
    body: `${ticket}{% if decidedBy %}
{{ decidedBy }} 已撤回{% endif %}`,
  },
  expired: { title: '{{ ticket }}：已过期，未作决定', body: ticket },
  bundle: {
    title: '{{ count }} 条工单通知',
    body: '{% for item in items %}• {{ item.news }}\n{% endfor %}{% if more > 0 %}另外还有 {{ more }} 条{% endif %}',
  },
  code: {
    title: '{{ code }} 是您的 Countersign 验证码',
    body: '请在 Countersign 中输入 {{ code | bold }}，以确认此地址属于您。验证码 {{ minutes }} 分钟内有效，请勿告诉他人。如非本人操作，请忽略。',
  },
  test: {
    title: 'Countersign 测试消息',
    body: '{{ recipient }}，测试成功：{{ tenant }} 的工单通知可以发送到这里。',
  },
  report: {
    title: '{{ tenant }}：无法收到工单通知的人员',
    body: '{% for line in lines %}• {{ line }}\n{% endfor %}',
  },
}

/** Beside the facts, which a mail shows by itself. */
export const zhCNMail: MailBodies = {
  pending:
    '{% if asked %}{{ submitter }} 提交的“{{ title }}”等待您审批。{% else %}{{ submitter }} 提交的“{{ title }}”正在等待审批，您无需操作。{% endif %}',
  reminded:
    '{% if asked %}提醒：{{ submitter }} 提交的“{{ title }}”仍在等待您审批。{% else %}{{ submitter }} 提交的“{{ title }}”正在等待审批，您无需操作。{% endif %}',
  changed: '{{ submitter }} 变更了“{{ title }}”的内容，此前的同意不再有效。',
  approved: `{% if decidedBy %}{{ decidedBy }} 已同意{% else %}{{ status }}{% endif %}{% if comment %}
意见：{{ comment }}{% endif %}`,
  rejected: `{% if decidedBy %}{{ decidedBy }} 已拒绝{% else %}{{ status }}{% endif %}{% if comment %}
原因：{{ comment }}{% endif %}`,
  withdrawn: `{% if decidedBy %}{{ decidedBy }} 已撤回{% else %}{{ status }}{% endif %}`,
  expired: '“{{ title }}”在期限内无人作出决定，无需再审批。',
}
