import { createPhrasebook } from '#server/i18n/phrasebook.ts'

const en = {
  privateAllowed: 'Addresses in private networks are called, as the settings say.',
  privateBarred: 'Addresses in private networks are not called; none was refused for that lately.',
  privateRefused: 'Addresses in private networks are not called. Refused for that lately: {hosts}.',
  allowPrivate: 'Switch on allowPrivateNetworks if these receivers are your own.',
}

/** What is said of web hooks alone. */
export const webhookPhrases = createPhrasebook({
  en,
  'zh-CN': {
    privateAllowed: '设置允许调用内网地址。',
    privateBarred: '不会调用内网地址；最近没有地址因此被拒绝。',
    privateRefused: '不会调用内网地址。最近因此被拒绝：{hosts}。',
    allowPrivate: '若这些接收方是你们自己的，请开启 allowPrivateNetworks。',
  },
  ja: {
    privateAllowed: '設定により、プライベートネットワークの宛先も呼び出します。',
    privateBarred: 'プライベートネットワークの宛先は呼び出しません。最近これで断った宛先はありません。',
    privateRefused: 'プライベートネットワークの宛先は呼び出しません。最近断った宛先：{hosts}。',
    allowPrivate: '受信側が自社のものなら allowPrivateNetworks を有効にしてください。',
  },
  ms: {
    privateAllowed: 'Alamat dalam rangkaian peribadi dipanggil, seperti yang ditetapkan.',
    privateBarred: 'Alamat dalam rangkaian peribadi tidak dipanggil; tiada yang ditolak kerananya baru-baru ini.',
    privateRefused: 'Alamat dalam rangkaian peribadi tidak dipanggil. Ditolak kerananya baru-baru ini: {hosts}.',
    allowPrivate: 'Hidupkan allowPrivateNetworks jika penerima ini milik anda.',
  },
  id: {
    privateAllowed: 'Alamat di jaringan privat dipanggil, sesuai pengaturan.',
    privateBarred: 'Alamat di jaringan privat tidak dipanggil; tidak ada yang ditolak karenanya belakangan ini.',
    privateRefused: 'Alamat di jaringan privat tidak dipanggil. Ditolak karenanya belakangan ini: {hosts}.',
    allowPrivate: 'Nyalakan allowPrivateNetworks jika penerima ini milik Anda.',
  },
  ar: {
    privateAllowed: 'تُستدعى العناوين في الشبكات الخاصة كما تنص الإعدادات.',
    privateBarred: 'لا تُستدعى العناوين في الشبكات الخاصة؛ ولم يُرفض شيء لذلك مؤخرًا.',
    privateRefused: 'لا تُستدعى العناوين في الشبكات الخاصة. رُفض لذلك مؤخرًا: {hosts}.',
    allowPrivate: 'فعّل allowPrivateNetworks إن كانت هذه المستقبِلات لكم.',
  },
})
