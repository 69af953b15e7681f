import protobuf from 'protobufjs'

/**
 * The messages of the long connection (SDK, ws-client/proto-buf). Parsed from its own language, so that nothing here
 * depends on how a client writes it down.
 */
const schema = `
  syntax = "proto2";
  package pbbp2;
  message Header {
    required string key = 1;
    required string value = 2;
  }
  message Frame {
    required uint64 SeqID = 1;
    required uint64 LogID = 2;
    required int32 service = 3;
    required int32 method = 4;
    repeated Header headers = 5;
    optional string payload_encoding = 6;
    optional string payload_type = 7;
    optional bytes payload = 8;
    optional string LogIDNew = 9;
  }`

const type = protobuf.parse(schema, { keepCase: true }).root.lookupType('pbbp2.Frame')

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

export function encode(frame: Frame): Uint8Array {
  return type.encode(type.fromObject(frame)).finish()
}

/** Throws on bytes that are no frame. */
export function decode(bytes: Uint8Array): Frame {
  const plain = type.toObject(type.decode(bytes), { longs: String, arrays: true, defaults: false })
  return {
    SeqID: String(plain.SeqID),
    LogID: String(plain.LogID),
    service: Number(plain.service),
    method: Number(plain.method),
    headers: Array.isArray(plain.headers) ? plain.headers : [],
    payload: plain.payload instanceof Uint8Array ? plain.payload : new Uint8Array(),
  }
}

export function header(frame: Frame, key: string): string | undefined {
  return frame.headers.find((one) => one.key === key)?.value
}
