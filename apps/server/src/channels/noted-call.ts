import { createHash } from 'node:crypto'
import type { TenantId } from '@countersign/contracts'
import type { Egress } from '#server/net/egress.ts'
import type { PostAnswer } from '#server/net/guarded-post.ts'
import { ChannelError } from './channel-error.ts'
import { guardedCall } from './guarded-call.ts'

/** One POST to an address outside, with its body as it may be kept. */
export interface NotedCall {
  tenantId: TenantId
  /** As the receiver was given it. */
  webhookId: string
  /** Epoch milliseconds of its beginning. */
  at: number
  host: string
  /** The HTTP status, or our own code where there was none. */
  code: string
  tookMs: number
  bodyDigest: string
  body: string
}

/** Keeps a call for the console. Never rejects: what has been sent must not be sent again for want of a note. */
export type NoteCall = (call: NotedCall) => Promise<void>

/** A guarded call that is kept, whatever comes of it. Throws ChannelError. */
export async function notedCall(
  egress: Egress,
  request: { url: string; headers: Record<string, string>; body: string },
  notes: { tenantId: TenantId; webhookId: string; at: number; noteCall: NoteCall | undefined },
): Promise<PostAnswer> {
  const { noteCall, ...about } = notes
  const startedAt = performance.now()
  const note = async (code: string): Promise<void> => {
    const body = withoutSecrets(request.body)
    const bodyDigest = createHash('sha256').update(body).digest('hex')
    const tookMs = Math.round(performance.now() - startedAt)
    await noteCall?.({ ...about, host: new URL(request.url).host, code, tookMs, bodyDigest, body })
  }
  try {
    const answer = await guardedCall(egress, request)
    await note(String(answer.status))
    return answer
  } catch (error) {
    if (error instanceof ChannelError) await note(error.code)
    throw error
  }
}

const hidden = '•••'

/**
 * A body as it may be kept and shown: without the signature in it, and of addresses that the source chose for itself only
 * where they lead. What is no JSON is not kept.
 */
export function withoutSecrets(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), (name, value: unknown) => {
      if (typeof value !== 'string') return value
      if (name === 'signatureText') return value === '' ? value : hidden
      return name === 'callbackUrl' ? bareAddress(value) : value
    })
  } catch (error) {
    if (error instanceof SyntaxError) return ''
    throw error
  }
}

function bareAddress(address: string): string {
  const url = URL.parse(address)
  if (url === null) return hidden
  return `${url.protocol}//${url.host}/${hidden}`
}
