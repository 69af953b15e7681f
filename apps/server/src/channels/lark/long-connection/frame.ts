import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import { z } from 'zod'

/*
 * The binary messages of the long connection: protobuf (proto2), package `pbbp2`. The official SDK has them too, but
 * does not export them, and once it is loaded it has changed protobufjs, for everybody in the process, so that 64-bit
 * numbers are read as doubles: a library without such a switch is used here. Source: SDK, ws-client/proto-buf.
 */

/** Fields of `Frame` by number; those of `Header` are 1 `key` and 2 `value`. */
const fields = {
  SeqID: 1,
  LogID: 2,
  service: 3,
  method: 4,
  headers: 5,
  payloadEncoding: 6,
  payloadType: 7,
  payload: 8,
  LogIDNew: 9,
} as const

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
    return FrameShape.parse(readFrame(new BinaryReader(bytes)))
  } catch {
    return null
  }
}

export function encodeFrame(frame: Frame): Uint8Array {
  const writer = new BinaryWriter()
  writer.tag(fields.SeqID, WireType.Varint).uint64(frame.SeqID)
  writer.tag(fields.LogID, WireType.Varint).uint64(frame.LogID)
  writer.tag(fields.service, WireType.Varint).int32(frame.service)
  writer.tag(fields.method, WireType.Varint).int32(frame.method)
  for (const { key, value } of frame.headers) {
    writer.tag(fields.headers, WireType.LengthDelimited).fork()
    writer.tag(1, WireType.LengthDelimited).string(key).tag(2, WireType.LengthDelimited).string(value).join()
  }
  for (const name of ['payloadEncoding', 'payloadType', 'LogIDNew'] as const) {
    const text = frame[name]
    if (text !== undefined) writer.tag(fields[name], WireType.LengthDelimited).string(text)
  }
  if (frame.payload !== undefined) writer.tag(fields.payload, WireType.LengthDelimited).bytes(frame.payload)
  return writer.finish()
}

function readFrame(reader: BinaryReader): unknown {
  const frame: Record<string, unknown> = {}
  const headers: unknown[] = []
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag()
    if (field === fields.SeqID) frame.SeqID = String(reader.uint64())
    else if (field === fields.LogID) frame.LogID = String(reader.uint64())
    else if (field === fields.service) frame.service = reader.int32()
    else if (field === fields.method) frame.method = reader.int32()
    else if (field === fields.headers) headers.push(readHeader(new BinaryReader(reader.bytes())))
    else if (field === fields.payloadEncoding) frame.payloadEncoding = reader.string()
    else if (field === fields.payloadType) frame.payloadType = reader.string()
    else if (field === fields.payload) frame.payload = reader.bytes()
    else if (field === fields.LogIDNew) frame.LogIDNew = reader.string()
    else reader.skip(type, field)
  }
  return { ...frame, headers }
}

function readHeader(reader: BinaryReader): unknown {
  const header: Record<string, string> = {}
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag()
    if (field === 1) header.key = reader.string()
    else if (field === 2) header.value = reader.string()
    else reader.skip(type, field)
  }
  return header
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
