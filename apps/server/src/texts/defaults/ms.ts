import { type DefaultTexts, facts, type MailBodies } from './defaults.ts'

const ticket = facts({
  submitter: 'Dihantar oleh: ',
  due: 'Tarikh akhir: ',
  more: 'dan {{ fields.size | minus: 5 }} butiran lagi',
})

export const ms: DefaultTexts = {
  pending: {
    title: '{{ ticket }}: {% if asked %}keputusan anda diperlukan{% else %}untuk makluman anda{% endif %}',
    body: ticket,
  },
  reminded: {
    title: '{{ ticket }}: {% if asked %}peringatan, keputusan anda diperlukan{% else %}untuk makluman anda{% endif %}',
    body: ticket,
  },
  changed: { title: '{{ ticket }}: telah diubah, sila semak semula', body: ticket },
  approved: {
    title: '{{ ticket }}: diluluskan',
    body: `${ticket}{% if decidedBy %}
Diluluskan oleh {{ decidedBy }}{% endif %}{% if comment %}
Ulasan: {{ comment }}{% endif %}`,
  },
  rejected: {
    title: '{{ ticket }}: ditolak',
    body: `${ticket}{% if decidedBy %}
Ditolak oleh {{ decidedBy }}{% endif %}{% if comment %}
Sebab: {{ comment }}{% endif %}`,
  },
  withdrawn: {
    title: '{{ ticket }}: ditarik balik',
    body: `${ticket}{% if decidedBy %}
Ditarik balik oleh {{ decidedBy }}{% endif %}`,
  },
  expired: { title: '{{ ticket }}: tamat tempoh tanpa keputusan', body: ticket },
  bundle: {
    title: '{{ count }} pemberitahuan tentang tiket',
    body: '{% for item in items %}• {{ item.news }}\n{% endfor %}{% if more > 0 %}dan {{ more }} lagi{% endif %}',
  },
  code: {
    title: '{{ code }} ialah kod Countersign anda',
    body: 'Masukkan {{ code | bold }} dalam Countersign untuk mengesahkan bahawa alamat ini milik anda. Kod ini sah selama {{ minutes }} minit. Jangan berikan kepada sesiapa. Jika anda tidak memintanya, abaikan mesej ini.',
  },
  test: {
    title: 'Mesej ujian daripada Countersign',
    body: 'Ujian berjaya, {{ recipient }}: pemberitahuan tentang tiket {{ tenant }} boleh sampai kepada anda di sini.',
  },
  report: {
    title: '{{ tenant }}: siapa yang tidak dapat dimaklumkan tentang tiket',
    body: '{% for line in lines %}• {{ line }}\n{% endfor %}',
  },
}

/** Beside the facts, which a mail shows by itself. */
export const msMail: MailBodies = {
  pending:
    '{% if asked %}{{ submitter }} menunggu keputusan anda tentang “{{ title }}”.{% else %}{{ submitter }} menunggu keputusan tentang “{{ title }}”. Tiada apa-apa yang perlu anda lakukan.{% endif %}',
  reminded:
    '{% if asked %}Peringatan: {{ submitter }} masih menunggu keputusan anda tentang “{{ title }}”.{% else %}{{ submitter }} menunggu keputusan tentang “{{ title }}”. Tiada apa-apa yang perlu anda lakukan.{% endif %}',
  changed: '{{ submitter }} telah mengubah “{{ title }}”. Kelulusan terdahulu tidak lagi dikira.',
  approved: `{% if decidedBy %}Diluluskan oleh {{ decidedBy }}{% else %}{{ status }}{% endif %}{% if comment %}
Ulasan: {{ comment }}{% endif %}`,
  rejected: `{% if decidedBy %}Ditolak oleh {{ decidedBy }}{% else %}{{ status }}{% endif %}{% if comment %}
Sebab: {{ comment }}{% endif %}`,
  withdrawn: `{% if decidedBy %}Ditarik balik oleh {{ decidedBy }}{% else %}{{ status }}{% endif %}`,
  expired: 'Tiada sesiapa membuat keputusan tentang “{{ title }}” pada masanya. Tiada apa-apa lagi untuk diputuskan.',
}
