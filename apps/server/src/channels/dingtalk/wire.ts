import { z } from 'zod'

/*
 * What DingTalk sends and returns, as far as we read it. Unknown fields are let through: the platform adds some without
 * notice. Sources: the platform's pages on each call, on card callbacks, robot messages and Stream; see README.md.
 */

const id = z.string().min(1).max(256)

/** Which DingTalk account a person has: mobiles in international form; `employeeId` is the job number. */
export const DingtalkAddress = z.object({
  mobile: z.string().optional(),
  employeeId: z.string().optional(),
  userId: z.string().optional(),
})
export type DingtalkAddress = z.infer<typeof DingtalkAddress>

/**
 * Where what was sent can be reached again: a card by the id that we gave it; a robot's message or a work notification
 * by the platform's, with what it said of the ticket.
 */
export const SentMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('card'), outTrackId: id }),
  z.object({ kind: z.literal('robot'), processQueryKey: z.string(), status: z.string() }),
  z.object({ kind: z.literal('work'), taskId: z.string(), status: z.string() }),
])
export type SentMessage = z.infer<typeof SentMessage>

/** An error of the new host. Keys come in lower case and capitalised. */
export const NewRefusal = z.object({ code: z.string().min(1), message: z.string().optional() })

/** Every answer of the old host; 0 is success, and may be text. Code 88 wraps the gateway's own. */
export const OldAnswer = z.object({
  errcode: z.union([z.int(), z.string().regex(/^-?\d+$/)]).transform(Number),
  errmsg: z.string().optional(),
  sub_code: z.union([z.string(), z.int()]).optional(),
  sub_msg: z.string().optional(),
})

export const AppToken = z.object({ accessToken: z.string().min(1), expireIn: z.number() })
export const CorpToken = z.object({ access_token: z.string().min(1) })
export const UserToken = z.object({ accessToken: z.string().min(1), corpId: z.string().optional() })
export const Me = z.object({ unionId: id, nick: z.string().optional() })

export const FoundByMobile = z.object({
  result: z.object({
    userid: z.string().optional(),
    exclusive_account_userid_list: z.array(z.string()).nullish(),
  }),
})
export const FoundByUnionId = z.object({ result: z.object({ userid: id, contact_type: z.int().optional() }) })
export const FoundByCode = z.object({ result: z.object({ userid: id, name: z.string().optional() }) })
const Member = z.object({ userid: id, job_number: z.string().nullish() })
export const FoundMember = z.object({ result: Member })
export const MemberPage = z.object({
  result: z.object({
    has_more: z.boolean(),
    next_cursor: z.int().nullish(),
    list: z.array(Member).nullish(),
  }),
})
export const SubDepartments = z.object({ result: z.object({ dept_id_list: z.array(z.int()).nullish() }) })

/* The directory. Mobile and e-mail come only with the right to these fields. */

/** What is not text is as good as not there: people are not lost for it. */
const optionalText = z.string().nullish().catch(null)
const FullMember = z.object({
  userid: id,
  name: optionalText,
  email: optionalText,
  org_email: optionalText,
  state_code: optionalText,
  mobile: optionalText,
  job_number: optionalText,
})
export const DirectoryMember = z.object({ result: FullMember })
export const DirectoryMembers = z.object({
  result: z.object({
    has_more: z.boolean(),
    next_cursor: z.int().nullish(),
    list: z.array(FullMember).nullish(),
  }),
})
export const SubDepartmentList = z.object({
  result: z.array(z.object({ dept_id: z.int(), name: optionalText })).nullish(),
})
/** What an administrator has let the app see. */
export const ContactRange = z.object({
  auth_org_scopes: z.object({ authed_dept: z.array(z.int()).nullish(), authed_user: z.array(id).nullish() }),
})

/** A success of the whole call may hide a failure for one space. */
const DeliverResults = z.array(
  z.object({
    spaceType: z.string().nullish(),
    spaceId: z.string().nullish(),
    success: z.boolean(),
    carrierId: z.string().nullish(),
    errorMsg: z.string().nullish(),
  }),
)
export type DeliverResults = z.infer<typeof DeliverResults>
export const CreatedAndDelivered = z.object({ result: z.object({ deliverResults: DeliverResults.nullish() }) })
export const DeliveredOnly = z.object({ result: DeliverResults.nullish() })
export const Done = z.object({})
export const Registered = z.object({
  result: z.object({ callbackUrl: z.string().nullish(), apiSecret: z.string().nullish() }).nullish(),
})

/** Who of the receivers a robot's message did not reach, though the call succeeded. */
export const RobotSent = z.object({
  processQueryKey: z.string().nullish(),
  invalidStaffIdList: z.array(z.string()).nullish(),
  flowControlledStaffIdList: z.array(z.string()).nullish(),
})
export const WorkSent = z.object({ task_id: z.union([z.string(), z.int()]) })

/** A tap on a card, over HTTP or Stream. Guides disagree about `content` and `value`; Stream sends both, equal. */
export const CardCallback = z.object({
  type: z.string().optional(),
  outTrackId: id,
  corpId: z.string().optional(),
  userId: id.optional(),
  content: z.string().optional(),
  value: z.string().optional(),
})
const Params = z.record(z.string(), z.unknown())
/** `params` stands inside or, by an older guide, beside `cardPrivateData`. */
export const CardContent = z.object({
  cardPrivateData: z.object({ actionIds: z.array(z.string()).nullish(), params: Params.nullish() }).nullish(),
  params: Params.nullish(),
})

/** A message to the robot. "1" is a chat of two; anything else, or nothing, is not. */
export const RobotMessage = z.object({
  msgId: id,
  conversationType: z.string().optional(),
  senderStaffId: z.string().optional(),
  senderCorpId: z.string().optional(),
  chatbotCorpId: z.string().optional(),
  chatbotUserId: z.string().optional(),
  atUsers: z.array(z.object({ dingtalkId: z.string().optional() })).optional(),
  msgtype: z.string().optional(),
  text: z.object({ content: z.string() }).optional(),
  content: z.unknown().optional(),
})
export const RichText = z.object({ richText: z.array(z.object({ text: z.string().optional() })) })
