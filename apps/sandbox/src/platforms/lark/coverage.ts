/** What this sandbox honours of one endpoint, and what it does not. A test keeps each list here equal to the code. */
export interface Coverage {
  method: string
  path: string
  support: 'supported' | 'partial' | 'sandbox-only'
  fields: string
  codes: string
  notes: string
}

const sendCodes = '230001 230013 230020 230025 230034 230053 230099'

export const coverage: Coverage[] = [
  {
    method: 'POST',
    path: '/open-apis/auth/v3/tenant_access_token/internal',
    support: 'supported',
    fields: 'app_id, app_secret; flat answer with the 30-minute rule',
    codes: '10003 10014 10015 (HTTP 200)',
    notes: 'No address allowlist (99991401).',
  },
  {
    method: 'POST',
    path: '/open-apis/auth/v3/app_access_token/internal',
    support: 'supported',
    fields: 'app_id, app_secret; both tokens in the answer',
    codes: '10003 10014 10015 (HTTP 200)',
    notes: 'App and tenant token are the same string.',
  },
  {
    method: 'POST',
    path: '/open-apis/contact/v3/users/batch_get_id',
    support: 'partial',
    fields: 'user_id_type, emails ≤ 50, mobiles ≤ 50; a miss is an item without user_id',
    codes: '99992402',
    notes: 'include_resigned and status are not simulated; everybody of the tenant is in the contact range.',
  },
  {
    method: 'GET',
    path: '/open-apis/contact/v3/users/:user_id',
    support: 'partial',
    fields: 'open_id, union_id, user_id, name, en_name, email, mobile, each by its field scope',
    codes: '40013 99992351',
    notes: 'Departments and avatar are not simulated.',
  },
  {
    method: 'GET',
    path: '/open-apis/contact/v3/scopes',
    support: 'supported',
    fields: 'department_ids, user_ids by page ≤ 100; the whole company unless the app has a contact range',
    codes: '40011 40012',
    notes: 'There are no user groups.',
  },
  {
    method: 'GET',
    path: '/open-apis/contact/v3/departments/:department_id/children',
    support: 'partial',
    fields: 'open_department_id, parent, name by its scope, member_count; fetch_child; page ≤ 50',
    codes: '40004 (HTTP 403) 40011 40012 43010',
    notes: 'By open_department_id alone. How many departments are too many for fetch_child is not documented: 5,000.',
  },
  {
    method: 'GET',
    path: '/open-apis/contact/v3/users/find_by_department',
    support: 'partial',
    fields: 'as one person, with employee_no and status by their scope; page ≤ 50',
    codes: '40004 (HTTP 403) 40011 40012',
    notes: 'By open_department_id alone.',
  },
  {
    method: 'POST',
    path: '/open-apis/im/v1/messages',
    support: 'partial',
    fields:
      'receive_id_type (all five), receive_id, msg_type, content, uuid ≤ 50 with a 1-hour window; 150 KB text, 30 KB cards',
    codes: sendCodes,
    notes:
      'One-to-one chats only, no groups. A repeated uuid answers with the first message (the real answer is not documented). Card templates and card entities do not exist.',
  },
  {
    method: 'POST',
    path: '/open-apis/im/v1/messages/:message_id/reply',
    support: 'partial',
    fields: 'content, msg_type, uuid',
    codes: `${sendCodes} 230002`,
    notes: 'reply_in_thread is ignored.',
  },
  {
    method: 'PATCH',
    path: '/open-apis/im/v1/messages/:message_id',
    support: 'supported',
    fields: 'content; shared cards only, 14 days, 5 per second and message, 30 KB',
    codes: '230001 230002 230011 230020 230025 230031 230099 230110',
    notes: 'Tenant token only.',
  },
  {
    method: 'PUT',
    path: '/open-apis/im/v1/messages/:message_id',
    support: 'partial',
    fields: 'none',
    codes: '230001',
    notes: 'Always refuses: editing text is not simulated, and on a card this is what the platform answers.',
  },
  {
    method: 'DELETE',
    path: '/open-apis/im/v1/messages/:message_id',
    support: 'supported',
    fields: 'recalls the message',
    codes: '230001 230002 230011',
    notes: 'No time limit for recalling.',
  },
  {
    method: 'GET',
    path: '/open-apis/im/v1/messages/:message_id',
    support: 'partial',
    fields: 'items[0] as in the answer to a send',
    codes: '230001',
    notes: 'The content of a card is what was sent first.',
  },
  {
    method: 'PATCH',
    path: '/open-apis/im/v1/messages/:message_id/urgent_app',
    support: 'partial',
    fields: 'user_id_type, user_id_list 1 to 200, invalid_user_id_list',
    codes: '230001 230002 230012 230023 230024',
    notes:
      'More than 200 unread ones of a person are refused; a person reads one by "Got it" on the phone. How many a plan has in all is a limit of the sandbox, off unless set. That a recalled message gets 230001 is ours.',
  },
  {
    method: 'POST',
    path: '/open-apis/interactive/v1/card/update',
    support: 'supported',
    fields: 'token (30 minutes, 2 uses, only after the callback was answered), card, card.open_ids',
    codes: '10002 11311 100000 200000 200310 300000 300020 300030 300040 300090 (HTTP 200)',
    notes: 'open_ids does not narrow who sees a card: every chat here has one reader. 300000 for "too early" is ours.',
  },
  {
    method: 'GET',
    path: '/open-apis/bot/v3/info',
    support: 'supported',
    fields: 'bot.open_id, app_name, activate_status: 2 in use, 3 not yet approved',
    codes: '11205',
    notes: 'Other states of an app are not simulated.',
  },
  {
    method: 'GET',
    path: '/open-apis/application/v6/scopes',
    support: 'supported',
    fields: 'scope_name, grant_status, scope_type',
    codes: '',
    notes: 'Lists granted scopes only.',
  },
  {
    method: 'GET',
    path: '/open-apis/application/v6/applications/me',
    support: 'partial',
    fields: 'scopes, event, callback_info, security, encryption (with secrets, as typed in the SDK)',
    codes: '99991672',
    notes:
      'Of versions only whether one is online; visibility is not simulated. Whether an app is shown its own keys is a switch, since the documents leave it open. What is not subscribed is pushed all the same.',
  },
  {
    method: 'GET',
    path: '/open-apis/event/v1/connection',
    support: 'partial',
    fields: 'online_instance_cnt',
    codes: '',
    notes: 'Every connection counts as an instance.',
  },
  {
    method: 'POST',
    path: '/callback/ws/endpoint',
    support: 'supported',
    fields: 'AppID, AppSecret; URL for one connection, ClientConfig; then pbbp2 frames: ping and pong, events, taps',
    codes: '403 514 1000040350 (HTTP 200)',
    notes:
      'Keyless log-in (ClientAssertion) does not exist. The console’s rule that a client must be online while the mode is saved is not kept.',
  },
  {
    method: 'GET',
    path: '/open-apis/event/v1/outbound_ip',
    support: 'supported',
    fields: 'ip_list',
    codes: '',
    notes: 'Loopback.',
  },
  {
    method: 'GET',
    path: '/open-apis/jssdk/ticket/get',
    support: 'supported',
    fields: 'ticket, expire_in',
    codes: '',
    notes: 'The life of a ticket is not documented; two hours here.',
  },
  {
    method: 'POST',
    path: '/open-apis/jssdk/ticket/get',
    support: 'supported',
    fields: 'ticket, expire_in',
    codes: '',
    notes: 'Samples use both methods.',
  },
  {
    method: 'GET',
    path: '/open-apis/authen/v1/authorize',
    support: 'supported',
    fields: 'client_id, redirect_uri, scope, state, code_challenge, code_challenge_method (plain by default)',
    codes: '2000 20027 20048 20063',
    notes: 'Consent is one page; inside a phone it is skipped, as in the client.',
  },
  {
    method: 'POST',
    path: '/open-apis/authen/v2/oauth/token',
    support: 'supported',
    fields: 'authorization_code and refresh_token grants, PKCE, redirect_uri; code is the string "0"',
    codes: '20001 20002 20003 20004 20008 20010 20024 20026 20036 20037 20048 20049 20065 20070 20071 20073',
    notes:
      'The error words beside the numbers are ours. Codes of requestAccess take the page address or no redirect_uri.',
  },
  {
    method: 'GET',
    path: '/open-apis/authen/v1/user_info',
    support: 'supported',
    fields: 'name, open_id, union_id, tenant_key; email, mobile, user_id by field scope',
    codes: '20001 20005 (HTTP 200)',
    notes: 'Avatars are empty.',
  },
  {
    method: 'GET',
    path: '/h5-js-sdk.js',
    support: 'partial',
    fields: 'h5sdk.ready, error, config; tt.requestAccess, requestAuthCode, closeWindow, getSystemInfo',
    codes: '104 333440 333441 333443 333444 333445 333447 333448 333449 2601002',
    notes: 'Stands for the file on the vendor’s CDN.',
  },
  {
    method: 'GET',
    path: '/bridge',
    support: 'sandbox-only',
    fields: 'operation, input, url, callback',
    codes: '',
    notes: 'The way from the JS SDK to the client, which has no network address in reality.',
  },
]

/** What the platform pushes to the server. */
export interface PushCoverage {
  type: string
  support: 'supported' | 'partial'
  fields: string
  notes: string
}

export const pushCoverage: PushCoverage[] = [
  {
    type: 'card.action.trigger',
    support: 'partial',
    fields:
      'operator, token, action{tag, value, name, form_value, timezone}, host, context; 3 s, no retry; answer with toast and raw card',
    notes:
      'Buttons only: inputs and selects outside a form send nothing. Card templates in the answer do not exist. Of the client’s error numbers only 200340 is documented.',
  },
  {
    type: 'im.message.receive_v1',
    support: 'partial',
    fields: 'sender, message (one-to-one text); retried after 15 s, 5 min, 1 h, 6 h with the same event id',
    notes: 'No groups, no mentions. A failing event does not hold back later ones. Retries end with the sandbox.',
  },
  {
    type: 'im.chat.access_event.bot_p2p_chat_entered_v1',
    support: 'partial',
    fields: 'chat_id, operator_id',
    notes: 'Once per person and run.',
  },
  {
    type: 'url_verification',
    support: 'supported',
    fields: 'challenge, token, type; plain or encrypted, 1 s',
    notes: 'Signed like every other push; the real one is said to be unsigned.',
  },
]

/** Components of JSON 2.0 cards that the phones draw; every other valid one is a labelled box. */
export const drawnComponents = [
  'markdown',
  'div',
  'hr',
  'column_set',
  'column',
  'collapsible_panel',
  'form',
  'interactive_container',
  'button',
  'input',
]
