import type { LarkPatient } from './doctor/patient.ts'

/*
 * What the developer console calls each permission, as its documents say: Lark's in English, Feishu's in Chinese. Names are
 * reworded now and then; the key is what counts, and the console finds a permission by either.
 */

type Names = Readonly<Record<LarkPatient['brand'], string>>

const names: Readonly<Record<string, Names>> = {
  'contact:user.id:readonly': {
    lark: 'Obtain user ID via email or mobile number',
    feishu: '通过手机号或邮箱获取用户 ID',
  },
  'im:message:send_as_bot': { lark: 'Send messages as an app', feishu: '以应用的身份发消息' },
  'im:message.p2p_msg:readonly': { lark: 'Get direct messages sent to bot', feishu: '读取用户发给机器人的单聊消息' },
  'im:message.group_at_msg:readonly': { lark: "Receive users' mentions", feishu: '接收群聊中@机器人消息事件' },
  'application:application:self_manage': { lark: "Manage the app's own resources", feishu: '管理应用自身资源' },
  'contact:user.employee_id:readonly': { lark: 'Obtain user ID', feishu: '获取用户 user ID' },
  'im:message': {
    lark: 'Read and send direct messages and group chat messages',
    feishu: '获取与发送单聊、群组消息',
  },
  'im:message:send_multi_users': { lark: 'Send batch messages to multiple users', feishu: '给多个用户批量发消息' },
  'im:resource': { lark: 'Read and upload images or other files', feishu: '获取与上传图片或文件资源' },
  'docs:document.media:upload': {
    lark: 'Upload images and attachments to documents',
    feishu: '上传图片和附件到云文档中',
  },
}

/** The key itself where no name is known. */
export function permissionName(brand: LarkPatient['brand'], key: string): string {
  return names[key]?.[brand] ?? key
}
