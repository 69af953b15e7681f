import { type DefaultTexts, facts, type MailBodies } from './defaults.ts'

const ticket = facts({
  submitter: 'Submitted by: ',
  due: 'Due: ',
  more: 'and {{ fields.size | minus: 5 }} more details',
})

export const en: DefaultTexts = {
  pending: {
    title: '{{ ticket }}: {% if asked %}your decision is needed{% else %}for your information{% endif %}',
    body: ticket,
  },
  reminded: {
    title: '{{ ticket }}: {% if asked %}reminder, your decision is needed{% else %}for your information{% endif %}',
    body: ticket,
  },
  changed: { title: '{{ ticket }}: changed, please look at it again', body: ticket },
  approved: {
    title: '{{ ticket }}: approved',
    body: `${ticket}{% if decidedBy %}
Approved by {{ decidedBy }}{% endif %}{% if comment %}
Comment: {{ comment }}{% endif %}`,
  },
  rejected: {
    title: '{{ ticket }}: rejected',
    body: `${ticket}{% if decidedBy %}
Rejected by {{ decidedBy }}{% endif %}{% if comment %}
Reason: {{ comment }}{% endif %}`,
  },
  withdrawn: {
    title: '{{ ticket }}: withdrawn',
    body: `${ticket}{% if decidedBy %}
Withdrawn by {{ decidedBy }}{% endif %}`,
  },
  expired: { title: '{{ ticket }}: expired without a decision', body: ticket },
  bundle: {
    title: '{{ count | plural: one: "# notice about tickets", other: "# notices about tickets" }}',
    body: '{% for item in items %}• {{ item.news }}\n{% endfor %}{% if more > 0 %}and {{ more }} more{% endif %}',
  },
  code: {
    title: '{{ code }} is your Countersign code',
    body: 'Enter {{ code | bold }} in Countersign to show that this address is yours. The code is valid for {{ minutes | plural: one: "# minute", other: "# minutes" }}. Give it to nobody. If you did not ask for it, do nothing.',
  },
  test: {
    title: 'Test message from Countersign',
    body: 'It works, {{ recipient }}: notices about tickets of {{ tenant }} can reach you here.',
  },
  report: {
    title: '{{ tenant }}: who cannot be told of tickets',
    body: '{% for line in lines %}• {{ line }}\n{% endfor %}',
  },
}

/** Beside the facts, which a mail shows by itself. */
export const enMail: MailBodies = {
  pending:
    '{% if asked %}{{ submitter }} is waiting for your decision on “{{ title }}”.{% else %}{{ submitter }} is waiting for a decision on “{{ title }}”. There is nothing for you to do.{% endif %}',
  reminded:
    '{% if asked %}A reminder: {{ submitter }} is still waiting for your decision on “{{ title }}”.{% else %}{{ submitter }} is waiting for a decision on “{{ title }}”. There is nothing for you to do.{% endif %}',
  changed: '{{ submitter }} has changed “{{ title }}”. Earlier approvals no longer count.',
  approved: `{% if decidedBy %}Approved by {{ decidedBy }}{% else %}{{ status }}{% endif %}{% if comment %}
Comment: {{ comment }}{% endif %}`,
  rejected: `{% if decidedBy %}Rejected by {{ decidedBy }}{% else %}{{ status }}{% endif %}{% if comment %}
Reason: {{ comment }}{% endif %}`,
  withdrawn: `{% if decidedBy %}Withdrawn by {{ decidedBy }}{% else %}{{ status }}{% endif %}`,
  expired: 'Nobody decided on “{{ title }}” in time. There is nothing left to decide.',
}
