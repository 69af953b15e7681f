/** What DingTalk's developer console calls each right, as its documents say. The key is what counts. */
export const rightNames: Readonly<Record<string, string>> = {
  'Card.Instance.Write': '互动卡片实例写权限',
  qyapi_robot_sendmsg: '企业内机器人发送消息权限',
  qyapi_base: '调用企业API基础权限',
  qyapi_get_member: '成员信息读权限',
  qyapi_get_member_by_mobile: '根据手机号姓名获取成员信息的接口访问权限',
  qyapi_get_department_list: '通讯录部门信息读权限',
  qyapi_get_department_member: '通讯录部门成员读权限',
  open_app_api_base: '获取钉钉开放接口用户访问凭证的基础权限',
  'Contact.User.Read': '通讯录个人信息读权限',
  snsapi_base: '调用SNS API时需要具备的权限',
  qyapi_chat_manage: 'chat相关接口的管理权限',
  'Card.Streaming.Write': 'AI卡片流式更新权限',
}
