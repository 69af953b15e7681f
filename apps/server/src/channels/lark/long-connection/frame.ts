import protobuf from 'protobufjs/light.js'
import { z } from 'zod'

/*
 * The binary messages of the long connection: protobuf (proto2), package `pbbp2`. The official SDK has them too, but
 * does not export them. Source: SDK, ws-client/proto-buf; protocol notes in README.md.
 */

const { Frame: FrameType } =
  protobuf.Root.fromJSON({
    nested: {
      Header: {
        fields: {
          key: { id: 1, type: 'string', rule: 'required' },
          value: { id: 2, type: 'string', rule: 'required' },
        },
      },
      Frame: {
        fields: {
          SeqID: { id: 1, type: 'uint64', rule: 'required' },
          LogID: { id: 2, type: 'uint64', rule: 'required' },
          service: { id: 3, type: 'int32', rule: 'required' },
          method: { id: 4, type: 'int32', rule: 'required' },
          headers: { id: 5, type: 'Header', rule: 'repeated' },
          payloadEncoding: { id: 6, type: 'string' },
          payloadType: { id: 7, type: 'string' },
          payload: { id: 8, type: 'bytes' },
          LogIDNew: { id: 9, type: 'string' },
        },
      },
    },
  }).nested ?? {}

const FrameShape = z.object({
  /** 64 bits: as text, since an answer must carry them back to the digit. */
  SeqID: z.string(),
  LogID: z.string(),
  service: z.int(),
  method: z.int(),
  headers: z.array(z.object({ key: z.string(), value: z.string() })).default([]),
  payloadEncoding: z.string().optional(),
  payloadType: z.string().optional(),
  payload: z.instanceof(Uint8Array).optional(),
  LogIDNew: z.string().optional(),
})
export type Frame = z.infer<typeof FrameShape>

/** Values of `method`. */
export const frameMethods = { control: 0, data: 1 } as const

/** Null when the bytes are no frame. */
export function decodeFrame(bytes: Uint8Array): Frame | null {
  try {
    const message = frameType().decode(bytes)
    return FrameShape.parse(frameType().toObject(message, { longs: String }))
  } catch {
    return null
  }
}

export function encodeFrame(frame: Frame): Uint8Array {
  return frameType().encode(frameType().fromObject(frame)).finish()
}

export function headerOf(frame: Frame, key: string): string | undefined {
  return frame.headers.find((header) => header.key === key)?.value
}

/** Sent right after the connection is open and from then on: the platform answers with a pong. */
export function pingFrame(service: number): Frame {
  const headers = [{ key: 'type', value: 'ping' }]
  return { SeqID: '0', LogID: '0', service, method: frameMethods.control, headers }
}

/**
 * The answer to a data frame: the same frame with how long it took, and as payload `code`, and the JSON of the answer in
 * base64. A card shows an error unless there is `data`.
 */
export function answerFrame(frame: Frame, answer: { code: number; body?: unknown; tookMs: number }): Frame {
  const { code, body, tookMs } = answer
  const data = body === undefined ? {} : { data: Buffer.from(JSON.stringify(body)).toString('base64') }
  return {
    ...frame,
    headers: [...frame.headers, { key: 'biz_rt', value: String(Math.round(tookMs)) }],
    payload: Buffer.from(JSON.stringify({ code, ...data })),
  }
}

function frameType(): protobuf.Type {
  if (FrameType instanceof protobuf.Type) return FrameType
  throw new Error('the schema has no Frame')
}
