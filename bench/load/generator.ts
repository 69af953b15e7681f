import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { answerParent } from '../processes/answering.ts'
import { httpRequest, Tap, tapRequest } from '../world/callback-request.ts'
import { closedLoop } from './closed-loop.ts'
import { openLoop } from './open-loop.ts'
import type { Outcome } from './outcome.ts'

/*
 * The process that makes the load. Requests are signed and laid out as bytes before the clock starts, so that sending is
 * all there is to do while it runs.
 */

const Slice = z.object({ from: z.number(), count: z.number() })
const Gets = z.object({ path: z.string(), cookie: z.string(), count: z.number() })
const Rush = z.object({ port: z.number(), connections: z.number(), expected: z.string().nullable(), times: z.number() })
const Pace = z.object({ port: z.number(), perSecond: z.number(), expected: z.string().nullable() })

let taps: Tap[] = []
let requests: Buffer[] = []

answerParent({
  /** Reads the taps that there are; how many. */
  loadTaps(file) {
    const lines = readFileSync(z.string().parse(file), 'utf8').trimEnd().split('\n')
    taps = lines.map((line) => Tap.parse(JSON.parse(line)))
    return taps.length
  },
  /** Makes ready taps that nobody has made yet. */
  prepareTaps(argument) {
    const { from, count } = Slice.parse(argument)
    requests = taps.slice(from, from + count).map(tapRequest)
    if (requests.length < count) throw new Error(`there are ${taps.length} taps, not ${from + count}`)
  },
  prepareGets(argument) {
    const { path, cookie, count } = Gets.parse(argument)
    requests = Array.from({ length: count }, () => httpRequest('GET', path, '', { Cookie: cookie }))
  },
  /** `times`: so often are the same requests sent, where a target does too few seconds of work on them. */
  rush(argument): Promise<Outcome> {
    const { times, ...loop } = Rush.parse(argument)
    return closedLoop(Array.from({ length: times }, () => requests).flat(), loop)
  },
  pace(argument): Promise<Outcome> {
    return openLoop(requests, Pace.parse(argument))
  },
})
