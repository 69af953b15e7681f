import { type Child, startChild } from '../processes/child.ts'
import { Outcome } from './outcome.ts'

/** The load generator, seen from the process that directs the bench. */
export interface Load extends AsyncDisposable {
  readonly process: Child
  loadTaps(file: string): Promise<void>
  prepareTaps(slice: { from: number; count: number }): Promise<void>
  prepareGets(gets: { path: string; cookie: string; count: number }): Promise<void>
  rush(options: { port: number; connections: number; expected: string | null; times: number }): Promise<Outcome>
  pace(options: { port: number; perSecond: number; expected: string | null }): Promise<Outcome>
}

export function startLoad(folder: string): Load {
  const child = startChild({ name: 'load', file: 'load/generator.ts', folder })
  const outcome = async (question: string, argument: unknown): Promise<Outcome> =>
    Outcome.parse(await child.ask(question, argument))
  return {
    process: child,
    loadTaps: async (file) => void (await child.ask('loadTaps', file)),
    prepareTaps: async (slice) => void (await child.ask('prepareTaps', slice)),
    prepareGets: async (gets) => void (await child.ask('prepareGets', gets)),
    rush: (options) => outcome('rush', options),
    pace: (options) => outcome('pace', options),
    [Symbol.asyncDispose]: () => child.stop(),
  }
}
