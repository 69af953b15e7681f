import { z } from 'zod'
import type { ServiceReply } from '#sandbox/http/service.ts'

const MEGABYTE = 1024 * 1024

/** How a receiver answers until told otherwise. */
export const webhookAnswerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ok') }),
  /** Any status: 500, 410; 429 with `retryAfter`, in seconds or as a date. */
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    retryAfter: z.union([z.int().nonnegative(), z.string()]).optional(),
  }),
  /** 307 to `location`; to a path of this receiver that records whoever follows, unless given. */
  z.strictObject({ kind: z.literal('redirect'), location: z.string().optional() }),
  z.strictObject({ kind: z.literal('slow'), delayMs: z.int().positive() }),
  /** 200, and a body of so many bytes. */
  z.strictObject({
    kind: z.literal('huge-body'),
    bytes: z
      .int()
      .positive()
      .max(100 * MEGABYTE)
      .default(20 * MEGABYTE),
  }),
])

export type WebhookAnswer = z.output<typeof webhookAnswerSchema>
export type NewWebhookAnswer = z.input<typeof webhookAnswerSchema>

/** `followUrl` is where a redirect without a location leads. */
export async function answer(how: WebhookAnswer, followUrl: string): Promise<ServiceReply> {
  const text = { 'content-type': 'text/plain' }
  switch (how.kind) {
    case 'ok':
      return { status: 200, body: { ok: true } }
    case 'status':
      return {
        status: how.status,
        body: { ok: how.status < 300 },
        ...(how.retryAfter === undefined ? {} : { headers: { 'retry-after': String(how.retryAfter) } }),
      }
    case 'redirect':
      return { status: 307, body: '', headers: { ...text, location: how.location ?? followUrl } }
    case 'slow':
      await new Promise((resolve) => setTimeout(resolve, how.delayMs))
      return { status: 200, body: { ok: true } }
    case 'huge-body':
      return { status: 200, body: 'x'.repeat(how.bytes), headers: text }
  }
}
