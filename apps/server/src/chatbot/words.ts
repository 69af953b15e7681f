import type { Locale } from '@countersign/contracts'

export const commandNames = ['pending', 'approve', 'reject', 'confirm', 'help'] as const
export type CommandName = (typeof commandNames)[number]

/**
 * What people may call each command. The first word of a language is the one that the bot itself teaches. People mix
 * languages, so every word is understood from everybody; no word may mean two things.
 */
export const words: Readonly<Record<Locale, Readonly<Record<CommandName, readonly [string, ...string[]]>>>> = {
  en: {
    pending: ['pending', 'list', 'todo', 'to-do', 'inbox'],
    approve: ['approve', 'approved', 'agree', 'accept'],
    reject: ['reject', 'rejected', 'refuse', 'decline', 'deny'],
    confirm: ['yes', 'confirm'],
    help: ['help', '?'],
  },
  'zh-CN': {
    pending: ['待办', '待辦', '待审批', '待審批', '待处理', '列表'],
    approve: ['同意', '批准', '通过', '通過', '核准'],
    reject: ['拒绝', '拒絕', '驳回', '駁回', '不同意'],
    confirm: ['确认', '確認', '是'],
    help: ['帮助', '幫助', '菜单'],
  },
  ja: {
    pending: ['承認待ち', '一覧', '保留中'],
    approve: ['承認', '承認する'],
    reject: ['却下', '却下する', '否認'],
    confirm: ['はい'],
    help: ['ヘルプ', '助けて'],
  },
  ms: {
    pending: ['menunggu', 'senarai'],
    approve: ['lulus', 'luluskan'],
    reject: ['tolak'],
    confirm: ['ya', 'sahkan'],
    help: ['bantuan', 'bantu'],
  },
  id: {
    pending: ['tertunda', 'daftar'],
    approve: ['setuju', 'setujui'],
    reject: ['tolak'],
    confirm: ['ya', 'konfirmasi'],
    help: ['bantuan'],
  },
  ar: {
    pending: ['المعلقة', 'معلق', 'قائمة'],
    approve: ['موافقة', 'أوافق', 'اوافق', 'موافق', 'وافق'],
    reject: ['رفض', 'أرفض', 'ارفض'],
    confirm: ['نعم', 'تأكيد', 'تاكيد'],
    help: ['مساعدة', 'مساعده'],
  },
}
