import type { Coverage, PushCoverage } from '#sandbox/platforms/lark/coverage.ts'
import type { Host } from './api.ts'

const cardCodes =
  'param.outTrackIdEmpty outTrackId.outOfLimit param.cardPublicDataEmpty param.invalid param.openSpaceIdEmpty param.openSpaceIdInvalid param.openSpaceModelInvalid param.spaceDeliverModelEmpty param.templateNotExist param.templateUnpublished param.cardAlreadyExist param.cardNotExist param.userIdNotExist'
const everyCall =
  'InvalidAuthentication, QpsLimitForAppkeyAndApi, ApiCountLimitForOrg, AccessTokenPermissionDenied, system.busy'

type DingtalkCoverage = Coverage & { host: Host }

/** One line of the ledger: method, host and path, how far, fields, codes, what is missing. */
function covers(
  what: string,
  support: Coverage['support'],
  fields: string,
  codes: string,
  notes: string,
): DingtalkCoverage {
  const [method = '', host, path = ''] = what.split(' ')
  return { method, host: host === 'oapi' || host === 'login' ? host : 'api', path, support, fields, codes, notes }
}

/** What is honoured of DingTalk, endpoint by endpoint; a test keeps it equal to the routes. */
export const coverage: DingtalkCoverage[] = [
  covers(
    'POST api /v1.0/oauth2/accessToken',
    'supported',
    'appKey, appSecret; the same token again, prolonged; one token for both hosts',
    'invalidClientIdOrSecret MissingBody',
    `No address allowlist. Every call with a token may be refused with ${everyCall}; on the old host 40014, 90018, 90020, 60011, -1, plain or inside 88.`,
  ),
  covers(
    'POST api /v1.0/oauth2/:corpId/token',
    'supported',
    'client_id, client_secret, grant_type',
    'invalid.client unsupported.grant.type unauthorized.client',
    '',
  ),
  covers('GET oapi /gettoken', 'supported', 'appkey, appsecret', '40089', ''),
  covers(
    'POST api /v1.0/oauth2/jsapiTickets',
    'partial',
    'jsapiTicket, expireIn',
    '',
    'dd.config itself is not checked.',
  ),
  covers('GET oapi /get_jsapi_ticket', 'partial', 'ticket, expires_in', '', 'dd.config itself is not checked.'),
  covers(
    'POST oapi /topapi/v2/user/getbymobile',
    'supported',
    'mobile, support_exclusive_account_search',
    '400002 40104 60121',
    'How foreign numbers are written is not documented: digits are compared.',
  ),
  covers(
    'POST oapi /topapi/v2/user/get',
    'partial',
    'userid or login_id; mobile and email by field right',
    '33012 50002 400002',
    'Roles, managers and extensions are left out.',
  ),
  covers('POST oapi /topapi/user/getbyunionid', 'supported', 'unionid', '60121 400002', ''),
  covers(
    'POST oapi /topapi/v2/user/list',
    'partial',
    'dept_id, cursor, size ≤ 100',
    '50004 60019 40068 40069',
    'order_field and language are ignored.',
  ),
  covers(
    'POST oapi /topapi/user/listsimple',
    'supported',
    'dept_id, cursor, size ≤ 100',
    '50004 60019 40068 40069',
    '',
  ),
  covers('POST oapi /topapi/v2/department/listsub', 'supported', 'dept_id', '50004 60003', 'language is ignored.'),
  covers('POST oapi /topapi/v2/department/listsubid', 'supported', 'dept_id', '50004 60003', ''),
  covers('GET oapi /auth/scopes', 'partial', 'auth_org_scopes', '', 'Which fields the app may see is not simulated.'),
  covers(
    'POST api /v1.0/contact/users/search',
    'supported',
    'queryWord, offset, size, fullMatchField',
    '',
    'Names only.',
  ),
  covers(
    'GET login /oauth2/auth',
    'supported',
    'client_id, redirect_uri, response_type, scope, state, exclusiveLogin, exclusiveCorpId; authCode or error',
    '',
    'No organisation code is asked for: exclusiveLogin without a corpId means the app’s own organisation.',
  ),
  covers(
    'POST api /v1.0/oauth2/userAccessToken',
    'partial',
    'clientId, clientSecret, code or refreshToken, grantType',
    'invalidClientIdOrSecret unsupported.grant.type',
    'The word for a spent code is not documented.',
  ),
  covers(
    'GET api /v1.0/contact/users/:unionId',
    'partial',
    'me; nick, openId, unionId, mobile and email by field right',
    'accesstoken.expired',
    'Nobody but oneself.',
  ),
  covers('POST oapi /topapi/v2/user/getuserinfo', 'supported', 'code: five minutes, once', '40078 42008', ''),
  covers(
    'POST api /v1.0/card/instances',
    'supported',
    'cardTemplateId, outTrackId ≤ 64, cardData, privateData, callbackType, callbackRouteKey, userIdType, imRobotOpenSpaceModel',
    cardCodes,
    'Values above 1 KB are refused unless switched.',
  ),
  covers(
    'POST api /v1.0/card/instances/deliver',
    'partial',
    'outTrackId, openSpaceId, imRobotOpenDeliverModel; one result per space',
    cardCodes,
    'Chats with the robot only: groups and pinned cards answer success false.',
  ),
  covers(
    'POST api /v1.0/card/instances/createAndDeliver',
    'partial',
    'both of the above; a used outTrackId changes nothing and shows nobody a second card',
    cardCodes,
    'As deliver. Dynamic data sources are ignored.',
  ),
  covers(
    'PUT api /v1.0/card/instances',
    'supported',
    'cardData, privateData ≤ 50 people, cardUpdateOptions, userIdType',
    'param.cardNotExist param.cardDataAndPrivateDataBothEmpty param.invalid param.userIdNotExist',
    '',
  ),
  covers(
    'POST api /v1.0/card/callbacks/register',
    'supported',
    'callbackRouteKey, callbackUrl, apiSecret, forceUpdate',
    'param.callbackRouteKeyEmpty param.callbackUrlEmpty system.updateCallbackFailed',
    'Loopback addresses are taken as public. Keys belong to one app.',
  ),
  covers(
    'POST api /v1.0/robot/oToMessages/batchSend',
    'partial',
    'robotCode, userIds ≤ 20, msgKey, msgParam; lists of invalid and flow-controlled people',
    'invalidParameter.* miss.param.*',
    'Files, audio and video are refused. Nobody is flow-controlled but by a fault.',
  ),
  covers(
    'GET api /v1.0/robot/oToMessages/readStatus',
    'partial',
    'robotCode, processQueryKey (24 h)',
    'invalid.processQueryKey processQueryKey.expireTime',
    'Always unread.',
  ),
  covers(
    'POST api /v1.0/robot/otoMessages/batchRecall',
    'supported',
    'robotCode, processQueryKeys ≤ 20',
    'invalidParameter.processQueryKeys.overMax',
    '',
  ),
  covers(
    'POST api /v1.0/robot/groupMessages/send',
    'partial',
    'robotCode, openConversationId, msgKey, msgParam',
    'miss.openConversationId invalid.openConversationId conversation.org.notMatch group.disbanded resource.not.found invalidParameter.* miss.param.*',
    'As batchSend. Group cool apps are left out.',
  ),
  covers(
    'POST api /v1.0/robot/groupMessages/query',
    'partial',
    'robotCode, openConversationId, processQueryKey (24 h)',
    'invalid.processQueryKey processQueryKey.expireTime',
    'Nobody ever reads.',
  ),
  covers(
    'POST api /v1.0/robot/groupMessages/recall',
    'supported',
    'robotCode, openConversationId, processQueryKeys ≤ 20',
    'invalidParameter.processQueryKeys.overMax',
    '',
  ),
  covers(
    'POST oapi /robot/send',
    'supported',
    'access_token, timestamp, sign; keywords, signature, IPv4 addresses; text, link, markdown, actionCard, feedCard; at ≤ 50; msgUuid; 20 a minute, then 10 minutes of silence; 20,000 bytes',
    '310000 400013 400101 400102 400105 400106 40035 410100 or 130101 43004 430101 430102 460101 90020 -1',
    'What is unsafe is said by the robot’s unsafeWords; pictures and the whole content (430103, 430104) are not judged. Not documented: for how long a msgUuid counts (here 24 hours), whether a refused call counts or prolongs the silence (here neither), in which order refusals come.',
  ),
  covers(
    'POST oapi /robot/sendBySession',
    'partial',
    'text, markdown, actionCard, link, feedCard, empty; at; 90 minutes; in a group for all members',
    '300001 40035 400105 400013',
    'The code for an expired session is not documented.',
  ),
  covers(
    'POST oapi /topapi/message/corpconversation/asyncsend_v2',
    'partial',
    'agent_id, userid_list ≤ 100, msg ≤ 2048 bytes; the same content twice a day is dropped in silence',
    '40056 40035 41011',
    'No departments, no to_all_user.',
  ),
  covers(
    'POST oapi /topapi/message/corpconversation/getsendresult',
    'supported',
    'agent_id, task_id (24 h); forbidden codes 143105 and 143106',
    '40056 40035',
    '',
  ),
  covers(
    'POST api /v1.0/gateway/connections/open',
    'supported',
    'clientId, clientSecret, subscriptions; ticket: 90 s, once',
    'authFailed (401): bad credentials, or never published',
    'WebSocket with ping, disconnect, acknowledgements; a random connection per push.',
  ),
]

/** Components of card templates that the phones draw; pictures are left out, every other one is a labelled box. */
export const drawnDingtalkComponents = [
  'Grid',
  'GridLayout',
  'Loop',
  'CollapsePanel',
  'ButtonList',
  'SingleButton',
  'ButtonBlock',
  'Form',
  'Input',
  'CardHeaderV2',
  'BaseText',
  'BaseTextBlock',
  'Markdown',
  'MarkdownBlock',
  'Tag',
  'Divider',
  'DividerBlock',
]

/** What DingTalk pushes to the server. */
export const pushCoverage: PushCoverage[] = [
  {
    type: 'DingTalk card callback',
    support: 'supported',
    fields:
      'HTTP with x-ddpaas signature, or Stream /v1.0/card/instances/callback; outTrackId, corpId, userId, content with actionIds and params; 2 s, no retry; cardData for the clicker, userPrivateData',
    notes: 'Event chains are not simulated. A spent quota of pushes lets the click fail.',
  },
  {
    type: 'DingTalk robot message',
    support: 'partial',
    fields:
      'HTTP with timestamp and sign, or Stream /v1.0/im/bot/messages/get; text, one-to-one or group with conversationTitle, atUsers and isInAtList, sessionWebhook',
    notes:
      'Text only; in a group the robot is always mentioned, and nobody else. Stream delivers again after 60 s, three times in all; HTTP does not repeat.',
  },
  {
    type: 'DingTalk event over Stream',
    support: 'partial',
    fields: 'EVENT frames with eventType, eventId, eventCorpId; SUCCESS or LATER; again after 10 s and 30 s',
    notes: 'Only by the library; encrypted events over HTTP are not simulated.',
  },
]
