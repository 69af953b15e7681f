import { type DefaultTexts, facts, type MailBodies } from './defaults.ts'

const ticket = facts({ submitter: '申請者：', due: '期限：', more: 'ほか {{ fields.size | minus: 5 }} 項目' })

export const ja: DefaultTexts = {
  pending: { title: '{{ ticket }}：{% if asked %}承認をお願いします{% else %}ご参考までに{% endif %}', body: ticket },
  reminded: {
    title: '{{ ticket }}：{% if asked %}リマインダー、承認をお願いします{% else %}ご参考までに{% endif %}',
    body: ticket,
  },
  changed: { title: '{{ ticket }}：内容が変更されました。もう一度ご確認ください', body: ticket },
  approved: {
    title: '{{ ticket }}：承認されました',
    body: `${ticket}{% if decidedBy %}
{{ decidedBy }}が承認しました{% endif %}{% if comment %}
コメント：{{ comment }}{% endif %}`,
  },
  rejected: {
    title: '{{ ticket }}：却下されました',
    body: `${ticket}{% if decidedBy %}
{{ decidedBy }}が却下しました{% endif %}{% if comment %}
理由：{{ comment }}{% endif %}`,
  },
  withdrawn: {
    title: '{{ ticket }}：取り下げられました',
    body: `${ticket}{% if decidedBy %}
{{ decidedBy }}が取り下げました{% endif %}`,
  },
  expired: { title: '{{ ticket }}：決定されないまま期限が切れました', body: ticket },
  bundle: {
    title: 'チケットのお知らせ {{ count }} 件',
    body: '{% for item in items %}• {{ item.news }}\n{% endfor %}{% if more > 0 %}ほか {{ more }} 件{% endif %}',
  },
  code: {
    title: '{{ code }} は Countersign の確認コードです',
    body: 'この宛先がご本人のものであることを確認するため、Countersign に {{ code | bold }} を入力してください。コードは {{ minutes }} 分間有効です。誰にも教えないでください。心当たりがない場合は無視してください。',
  },
  test: {
    title: 'Countersign のテストメッセージ',
    body: '{{ recipient }}さん、テストは成功です。{{ tenant }} のチケットのお知らせをここで受け取れます。',
  },
  report: {
    title: '{{ tenant }}：チケットのお知らせが届かない人',
    body: '{% for line in lines %}• {{ line }}\n{% endfor %}',
  },
}

/** Beside the facts, which a mail shows by itself. */
export const jaMail: MailBodies = {
  pending:
    '{% if asked %}{{ submitter }}さんの「{{ title }}」があなたの決定を待っています。{% else %}{{ submitter }}さんの「{{ title }}」が決定を待っています。あなたの操作は必要ありません。{% endif %}',
  reminded:
    '{% if asked %}リマインダー：{{ submitter }}さんの「{{ title }}」がまだあなたの決定を待っています。{% else %}{{ submitter }}さんの「{{ title }}」が決定を待っています。あなたの操作は必要ありません。{% endif %}',
  changed: '{{ submitter }}さんが「{{ title }}」の内容を変更しました。以前の承認は無効になります。',
  approved: `{% if decidedBy %}{{ decidedBy }}が承認しました{% else %}{{ status }}{% endif %}{% if comment %}
コメント：{{ comment }}{% endif %}`,
  rejected: `{% if decidedBy %}{{ decidedBy }}が却下しました{% else %}{{ status }}{% endif %}{% if comment %}
理由：{{ comment }}{% endif %}`,
  withdrawn: `{% if decidedBy %}{{ decidedBy }}が取り下げました{% else %}{{ status }}{% endif %}`,
  expired: '「{{ title }}」は期限までに決定されませんでした。決定していただくことはもうありません。',
}
