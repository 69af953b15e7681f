import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire'

/*
 * The messages of the long connection (SDK, ws-client/proto-buf), proto2, package pbbp2:
 *
 *   message Header { required string key = 1; required string value = 2; }
 *   message Frame {
 *     required uint64 SeqID = 1;            required uint64 LogID = 2;
 *     required int32 service = 3;           required int32 method = 4;
 *     repeated Header headers = 5;          optional string payload_encoding = 6;
 *     optional string payload_type = 7;     optional bytes payload = 8;
 *     optional string LogIDNew = 9;
 *   }
 *
 * Not by protobufjs: a server under test in the same process may load the official SDK, which switches off its 64 bits.
 */

export interface Frame {
  /** Decimal: 64 bits do not fit into a number. */
  SeqID: string
  LogID: string
  service: number
  method: number
  headers: { key: string; value: string }[]
  payload: Uint8Array
}

export const control = 0
export const data = 1

const text = WireType.LengthDelimited
const number = WireType.Varint

export function encode({ SeqID, LogID, service, method, headers, payload }: Frame): Uint8Array {
  const writer = new BinaryWriter()
  writer.tag(1, number).uint64(SeqID).tag(2, number).uint64(LogID).tag(3, number).int32(service)
  writer.tag(4, number).int32(method)
  for (const { key, value } of headers) {
    writer.tag(5, text).fork().tag(1, text).string(key).tag(2, text).string(value).join()
  }
  return writer.tag(8, text).bytes(payload).finish()
}

/** Throws on bytes that are no frame. */
export function decode(bytes: Uint8Array): Frame {
  const known = new Map<number, string | number | Uint8Array>()
  const headers: Frame['headers'] = []
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag()
    if (field === 1 || field === 2) known.set(field, String(reader.uint64()))
    else if (field === 3 || field === 4) known.set(field, reader.int32())
    else if (field === 5) headers.push(decodeHeader(reader.bytes()))
    else if (field === 8) known.set(field, reader.bytes())
    else reader.skip(type, field)
  }
  if ([1, 2, 3, 4].some((field) => !known.has(field))) throw new Error('a required field is missing')
  const payload = known.get(8)
  return {
    SeqID: String(known.get(1)),
    LogID: String(known.get(2)),
    service: Number(known.get(3)),
    method: Number(known.get(4)),
    headers,
    payload: payload instanceof Uint8Array ? payload : new Uint8Array(),
  }
}

function decodeHeader(bytes: Uint8Array): { key: string; value: string } {
  const header = { key: '', value: '' }
  const reader = new BinaryReader(bytes)
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag()
    if (field === 1) header.key = reader.string()
    else if (field === 2) header.value = reader.string()
    else reader.skip(type, field)
  }
  return header
}

export function header(frame: Frame, key: string): string | undefined {
  return frame.headers.find((one) => one.key === key)?.value
}
