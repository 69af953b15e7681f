import { z } from 'zod'

/*
 * What Lark and Feishu send and return, as far as we read it. Unknown fields are let through: the platform adds some
 * without notice. Sources: the platform's pages on card callbacks, receive-message events, sending messages, contact
 * look-up and log-in; see README.md.
 */

const id = z.string().min(1).max(256)

/** Every encrypted push: `{"encrypt": "<base64>"}`. */
export const Encrypted = z.object({ encrypt: z.string().min(1) })

/** Sent once when an administrator saves the callback address. */
export const UrlVerification = z.object({
  type: z.literal('url_verification'),
  token: z.string(),
  challenge: z.string().min(1).max(1_024),
})

/** The second version of the envelope, of events and of card callbacks alike. */
export const Envelope = z.object({
  schema: z.literal('2.0'),
  header: z.object({
    event_id: id,
    event_type: id,
    token: z.string().optional(),
    app_id: z.string(),
    create_time: z
      .union([z.string(), z.number().transform(String)])
      .optional()
      .catch(undefined),
  }),
  event: z.record(z.string(), z.unknown()),
})
export type Envelope = z.infer<typeof Envelope>

/** A tap on a card. `operator.open_id` may be missing; `value` is an object or a string. */
export const CardAction = z.object({
  operator: z.object({ open_id: id.optional() }),
  action: z.object({
    value: z.unknown().optional(),
    form_value: z.record(z.string(), z.unknown()).optional(),
  }),
})

/** A message to the bot. Only `p2p` is a private chat; anything else, or nothing, is not. */
export const MessageReceived = z.object({
  sender: z.object({
    sender_id: z.object({ open_id: id.optional() }).nullish(),
    sender_type: z.string().optional(),
  }),
  message: z.object({
    message_id: id,
    chat_type: z.string().optional(),
    message_type: z.string().optional(),
    content: z.string().optional(),
    // `mentioned_type` is not documented everywhere; where it is missing we do not know whether a mention is the bot.
    mentions: z
      .array(
        z.object({
          key: z.string(),
          id: z.object({ open_id: id.optional() }).nullish().catch(null),
          mentioned_type: z.string().optional(),
        }),
      )
      .optional(),
  }),
})
export type MessageReceived = z.infer<typeof MessageReceived>
export const TextContent = z.object({ text: z.string() })

/**
 * Which Lark or Feishu account a person has; mobiles in international form. `openId` stands where the directory says neither
 * e-mail nor mobile: it is this app's own, and no other's.
 */
export const LarkAddress = z.object({
  email: z.string().optional(),
  mobile: z.string().optional(),
  openId: z.string().optional(),
})
export type LarkAddress = z.infer<typeof LarkAddress>

/** Where a sent card can be reached again. */
export const SentMessage = z.object({ messageId: id })

/** The bot stands beside the code, not under `data`. */
export const BotInfo = z.object({
  bot: z.object({ open_id: id, activate_status: z.int().optional().catch(undefined) }),
})

/* What the doctor reads. `grant_status` 1: granted. */

export const GrantedScopes = z.object({
  data: z.object({ scopes: z.array(z.object({ scope_name: z.string(), grant_status: z.int() })).nullish() }),
})
export const OnlineConnections = z.object({ data: z.object({ online_instance_cnt: z.int() }) })
const texts = z.array(z.string()).nullish()
const CallbackConfiguration = z
  .object({ callback_type: z.string().nullish(), request_url: z.string().nullish(), subscribed_callbacks: texts })
  .nullish()
/** An app as its console knows it. The encryption is a secret, and stands there for some apps only. */
export const AppConfiguration = z.object({
  data: z.object({
    app: z.object({
      event: z
        .object({
          subscription_type: z.string().nullish(),
          request_url: z.string().nullish(),
          subscribed_events: texts,
        })
        .nullish(),
      callback_info: CallbackConfiguration,
      // Another spelling of the platform's.
      callback: CallbackConfiguration,
      security: z.object({ redirect_urls: texts, h5_trusted_domains: texts }).nullish(),
      encryption: z
        .object({ encryption_key: z.string().nullish(), verification_token: z.string().nullish() })
        .nullish(),
    }),
  }),
})

/** `code` is a number, and in the answers of log-in a string. */
export const Refusal = z.object({
  code: z.union([z.int(), z.string().regex(/^\d+$/)]).transform(Number),
  msg: z.string().optional(),
  error: z.unknown().optional(),
  error_description: z.string().optional(),
})

export const SendAnswer = z.object({ msg: z.string().optional(), data: z.object({ message_id: id }) })
export const UpdateAnswer = z.object({ msg: z.string().optional() })
export const BuzzAnswer = z.object({
  msg: z.string().optional(),
  data: z.object({ invalid_user_id_list: z.array(z.string()).nullish() }).nullish(),
})

/** One entry per address asked for; without `user_id` where the platform knows nobody. */
export const FoundUsers = z.object({
  data: z.object({
    user_list: z
      .array(z.object({ user_id: z.string().optional(), email: z.string().optional(), mobile: z.string().optional() }))
      .nullish(),
  }),
})

/* The directory. Each field comes only with its own permission. */

const PageEnd = { has_more: z.boolean().nullish(), page_token: z.string().nullish() }
/** What is not a string is as good as not there: people are not lost for it. */
const optionalText = z.string().nullish().catch(null)
const DirectoryUser = z.object({
  open_id: id,
  name: optionalText,
  email: optionalText,
  enterprise_email: optionalText,
  mobile: optionalText,
  employee_no: optionalText,
  status: z
    .object({
      is_frozen: z.boolean().optional(),
      is_resigned: z.boolean().optional(),
      is_exited: z.boolean().optional(),
    })
    .nullish()
    .catch(null),
})
export type DirectoryUser = z.infer<typeof DirectoryUser>
export const DirectoryUsers = z.object({ data: z.object({ ...PageEnd, items: z.array(DirectoryUser).nullish() }) })
export const OneUser = z.object({ data: z.object({ user: DirectoryUser }) })
export const Departments = z.object({
  data: z.object({
    ...PageEnd,
    items: z
      .array(
        z.object({
          open_department_id: id,
          name: optionalText,
          member_count: z.int().nonnegative().nullish().catch(null),
        }),
      )
      .nullish(),
  }),
})
/** Departments and people whom an administrator has let the app see, without those below. */
export const ContactRange = z.object({
  data: z.object({ ...PageEnd, department_ids: z.array(id).nullish(), user_ids: z.array(id).nullish() }),
})

export const TenantToken = z.object({ tenant_access_token: z.string().min(1), expire: z.number() })
export const UserToken = z.object({ access_token: z.string().min(1) })
export const UserInfo = z.object({
  data: z.object({ open_id: id, tenant_key: z.string().optional(), name: z.string().optional() }),
})
