import { type DefaultTexts, facts, type MailBodies } from './defaults.ts'

const ticket = facts({
  submitter: 'Diajukan oleh: ',
  due: 'Tenggat: ',
  more: 'dan {{ fields.size | minus: 5 }} detail lainnya',
})

export const id: DefaultTexts = {
  pending: {
    title: '{{ ticket }}: {% if asked %}keputusan Anda diperlukan{% else %}untuk informasi Anda{% endif %}',
    body: ticket,
  },
  reminded: {
    title: '{{ ticket }}: {% if asked %}pengingat, keputusan Anda diperlukan{% else %}untuk informasi Anda{% endif %}',
    body: ticket,
  },
  changed: { title: '{{ ticket }}: telah diubah, mohon tinjau kembali', body: ticket },
  approved: {
    title: '{{ ticket }}: disetujui',
    body: `${ticket}{% if decidedBy %}
Disetujui oleh {{ decidedBy }}{% endif %}{% if comment %}
Komentar: {{ comment }}{% endif %}`,
  },
  rejected: {
    title: '{{ ticket }}: ditolak',
    body: `${ticket}{% if decidedBy %}
Ditolak oleh {{ decidedBy }}{% endif %}{% if comment %}
Alasan: {{ comment }}{% endif %}`,
  },
  withdrawn: {
    title: '{{ ticket }}: ditarik',
    body: `${ticket}{% if decidedBy %}
Ditarik oleh {{ decidedBy }}{% endif %}`,
  },
  expired: { title: '{{ ticket }}: kedaluwarsa tanpa keputusan', body: ticket },
  bundle: {
    title: '{{ count }} pemberitahuan tentang tiket',
    body: '{% for item in items %}• {{ item.news }}\n{% endfor %}{% if more > 0 %}dan {{ more }} lainnya{% endif %}',
  },
  code: {
    title: '{{ code }} adalah kode Countersign Anda',
    body: 'Masukkan {{ code | bold }} di Countersign untuk membuktikan bahwa alamat ini milik Anda. Kode berlaku selama {{ minutes }} menit. Jangan berikan kepada siapa pun. Jika Anda tidak memintanya, abaikan pesan ini.',
  },
  test: {
    title: 'Pesan uji coba dari Countersign',
    body: 'Uji coba berhasil, {{ recipient }}: pemberitahuan tentang tiket {{ tenant }} dapat sampai kepada Anda di sini.',
  },
  report: {
    title: '{{ tenant }}: siapa yang tidak dapat diberi tahu tentang tiket',
    body: '{% for line in lines %}• {{ line }}\n{% endfor %}',
  },
}

/** Beside the facts, which a mail shows by itself. */
export const idMail: MailBodies = {
  pending:
    '{% if asked %}{{ submitter }} menunggu keputusan Anda atas “{{ title }}”.{% else %}{{ submitter }} menunggu keputusan atas “{{ title }}”. Tidak ada yang perlu Anda lakukan.{% endif %}',
  reminded:
    '{% if asked %}Pengingat: {{ submitter }} masih menunggu keputusan Anda atas “{{ title }}”.{% else %}{{ submitter }} menunggu keputusan atas “{{ title }}”. Tidak ada yang perlu Anda lakukan.{% endif %}',
  changed: '{{ submitter }} telah mengubah “{{ title }}”. Persetujuan sebelumnya tidak berlaku lagi.',
  approved: `{% if decidedBy %}Disetujui oleh {{ decidedBy }}{% else %}{{ status }}{% endif %}{% if comment %}
Komentar: {{ comment }}{% endif %}`,
  rejected: `{% if decidedBy %}Ditolak oleh {{ decidedBy }}{% else %}{{ status }}{% endif %}{% if comment %}
Alasan: {{ comment }}{% endif %}`,
  withdrawn: `{% if decidedBy %}Ditarik oleh {{ decidedBy }}{% else %}{{ status }}{% endif %}`,
  expired: 'Tidak ada yang memutuskan “{{ title }}” tepat waktu. Tidak ada lagi yang perlu diputuskan.',
}
