import { type DefaultTexts, facts, type MailBodies } from './defaults.ts'

const ticket = facts({
  submitter: 'مقدم الطلب: ',
  due: 'الموعد النهائي: ',
  more: 'و{{ fields.size | minus: 5 }} تفاصيل أخرى',
})

export const ar: DefaultTexts = {
  pending: { title: '{{ ticket }}: {% if asked %}قرارك مطلوب{% else %}لعلمك{% endif %}', body: ticket },
  reminded: { title: '{{ ticket }}: {% if asked %}تذكير، قرارك مطلوب{% else %}لعلمك{% endif %}', body: ticket },
  changed: { title: '{{ ticket }}: تم تغييرها، يرجى مراجعتها من جديد', body: ticket },
  approved: {
    title: '{{ ticket }}: تمت الموافقة',
    body: `${ticket}{% if decidedBy %}
وافق عليها {{ decidedBy }}{% endif %}{% if comment %}
التعليق: {{ comment }}{% endif %}`,
  },
  rejected: {
    title: '{{ ticket }}: تم الرفض',
    body: `${ticket}{% if decidedBy %}
رفضها {{ decidedBy }}{% endif %}{% if comment %}
السبب: {{ comment }}{% endif %}`,
  },
  withdrawn: {
    title: '{{ ticket }}: تم السحب',
    body: `${ticket}{% if decidedBy %}
سحبها {{ decidedBy }}{% endif %}`,
  },
  expired: { title: '{{ ticket }}: انتهت الصلاحية دون قرار', body: ticket },
  bundle: {
    title:
      '{{ count | plural: one: "إشعار واحد بشأن التذاكر", two: "إشعاران بشأن التذاكر", few: "# إشعارات بشأن التذاكر", many: "# إشعارًا بشأن التذاكر", other: "# إشعار بشأن التذاكر" }}',
    body: '{% for item in items %}• {{ item.news }}\n{% endfor %}{% if more > 0 %}و{{ more }} أخرى{% endif %}',
  },
  code: {
    title: '{{ code }} هو رمزك في Countersign',
    body: 'أدخل {{ code | bold }} في Countersign لإثبات أن هذا العنوان لك. الرمز صالح لمدة {{ minutes | plural: one: "دقيقة واحدة", two: "دقيقتين", few: "# دقائق", many: "# دقيقة", other: "# دقيقة" }}. لا تعطه لأحد. إذا لم تطلبه فتجاهل هذه الرسالة.',
  },
  test: {
    title: 'رسالة اختبار من Countersign',
    body: 'نجح الاختبار يا {{ recipient }}: يمكن أن تصلك هنا إشعارات تذاكر {{ tenant }}.',
  },
  report: {
    title: '{{ tenant }}: من لا يمكن إبلاغهم بالتذاكر',
    body: '{% for line in lines %}• {{ line }}\n{% endfor %}',
  },
}

/** Beside the facts, which a mail shows by itself. */
export const arMail: MailBodies = {
  pending:
    '{% if asked %}ينتظر {{ submitter }} قرارك بشأن «{{ title }}».{% else %}ينتظر {{ submitter }} قرارًا بشأن «{{ title }}». لا يلزمك أي إجراء.{% endif %}',
  reminded:
    '{% if asked %}تذكير: لا يزال {{ submitter }} ينتظر قرارك بشأن «{{ title }}».{% else %}ينتظر {{ submitter }} قرارًا بشأن «{{ title }}». لا يلزمك أي إجراء.{% endif %}',
  changed: 'قام {{ submitter }} بتغيير «{{ title }}». لم تعد الموافقات السابقة محتسبة.',
  approved: `{% if decidedBy %}وافق عليها {{ decidedBy }}{% else %}{{ status }}{% endif %}{% if comment %}
التعليق: {{ comment }}{% endif %}`,
  rejected: `{% if decidedBy %}رفضها {{ decidedBy }}{% else %}{{ status }}{% endif %}{% if comment %}
السبب: {{ comment }}{% endif %}`,
  withdrawn: `{% if decidedBy %}سحبها {{ decidedBy }}{% else %}{{ status }}{% endif %}`,
  expired: 'لم يتخذ أحد قرارًا بشأن «{{ title }}» في الوقت المحدد. لم يعد هناك ما يتطلب قرارًا.',
}
