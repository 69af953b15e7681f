import fc from 'fast-check'
import { expect, it } from 'vitest'
import { answerFrame, decodeFrame, encodeFrame, type Frame, headerOf, pingFrame } from './frame.ts'

const frame: Frame = {
  SeqID: '9007199254740993',
  LogID: '18446744073709551615',
  service: 33_554_678,
  method: 1,
  headers: [{ key: 'type', value: 'event' }],
  payload: Buffer.from('{"schema":"2.0"}'),
  LogIDNew: 'log-1',
}

it('a frame survives the wire, 64-bit ids to the digit', () => {
  const decoded = decodeFrame(encodeFrame(frame))
  expect(decoded).toMatchObject({ SeqID: frame.SeqID, LogID: frame.LogID, service: frame.service, LogIDNew: 'log-1' })
  expect(Buffer.from(decoded?.payload ?? []).toString()).toBe('{"schema":"2.0"}')
})

it('does so too once the official SDK is loaded, which changes protobufjs for the whole process', async () => {
  await import('@larksuiteoapi/node-sdk')
  expect(decodeFrame(encodeFrame(frame))).toMatchObject({ SeqID: frame.SeqID, LogID: frame.LogID })
})

it('a ping is what the protocol says, byte for byte', () => {
  // Fields 1 to 4 as varints, then one header of key and value: written down from the schema by hand.
  const expected = `08001000180120002a0c0a04747970651204${Buffer.from('ping').toString('hex')}`
  expect(Buffer.from(encodeFrame(pingFrame(1))).toString('hex')).toBe(expected)
})

it('an answer is the frame that came, with the time it took and the answer in base64', () => {
  const answer = answerFrame(frame, { code: 200, body: { toast: 1 }, tookMs: 12.4 })
  expect(answer).toMatchObject({ SeqID: frame.SeqID, LogID: frame.LogID, service: frame.service, method: 1 })
  expect(headerOf(answer, 'type')).toBe('event')
  expect(headerOf(answer, 'biz_rt')).toBe('12')
  const said = JSON.parse(Buffer.from(answer.payload ?? []).toString())
  expect(said).toEqual({ code: 200, data: Buffer.from('{"toast":1}').toString('base64') })
  const failed = answerFrame(frame, { code: 500, tookMs: 0 })
  expect(JSON.parse(Buffer.from(failed.payload ?? []).toString())).toEqual({ code: 500 })
})

it('bytes that are no frame are none, whatever they are', () => {
  expect(decodeFrame(Buffer.from('hello'))).toBeNull()
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const decoded = decodeFrame(bytes)
      if (decoded !== null) expect(decoded.headers).toBeInstanceOf(Array)
    }),
  )
})
