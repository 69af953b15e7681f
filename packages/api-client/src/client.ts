import type { BodyOf, QueryOf, ResponseOf, RouteName } from '@countersign/contracts'
import type { LineRouteName, routes } from '@countersign/contracts/routes'
import { ApiError, errorFromAnswer } from './api-error.ts'
import { buildUrl, type Transport } from './transport.ts'

type PathOf<Name extends RouteName> = (typeof routes)[Name]['path']

/** The endpoints that the web apps call: session and public ones, none with an API key. For answers in lines see lines.ts. */
export type AppRouteName = {
  [Name in RouteName]: PathOf<Name> extends `/api/app/${string}` ? (Name extends LineRouteName ? never : Name) : never
}[RouteName]

type PathPart<Name extends RouteName, Parameter extends string> =
  PathOf<Name> extends `${string}:${Parameter}${string}` ? Record<Parameter, string> : unknown
type QueryPart<Name extends RouteName> = [QueryOf<Name>] extends [undefined] ? unknown : { query?: QueryOf<Name> }
type BodyPart<Name extends RouteName> = [BodyOf<Name>] extends [undefined] ? unknown : { body: BodyOf<Name> }

/** What a call takes: the parameters of its path (`id`, `channel` …), `query`, `body`, and a signal to give up. */
export type CallInput<Name extends AppRouteName> = PathPart<Name, 'id'> &
  PathPart<Name, 'channel'> &
  PathPart<Name, 'module'> &
  PathPart<Name, 'event'> &
  QueryPart<Name> &
  BodyPart<Name> & { signal?: AbortSignal }
/** What a call gives; nothing for 204. */
// biome-ignore lint/suspicious/noConfusingVoidType: it stands for the type parameter of a Promise.
export type CallResult<Name extends AppRouteName> = [ResponseOf<Name>] extends [undefined] ? void : ResponseOf<Name>

type Optional<Input> = Record<never, never> extends Input ? [input?: Input] : [input: Input]
/** One typed method per endpoint. Every method rejects with an ApiError and with nothing else. */
export type ApiClient = {
  [Name in AppRouteName]: (...input: Optional<CallInput<Name>>) => Promise<CallResult<Name>>
}

/** What a caller of the client may add. */
export interface ApiClientOptions {
  /** The server no longer knows this browser: log in again. Called beside the rejection, not instead of it. */
  onNoSession?: (error: ApiError) => void
  /** Checks an answer against its contract; tests and development give the zod schemas here. */
  check?: (name: AppRouteName, body: unknown) => unknown
}

interface AnyInput {
  id?: string
  channel?: string
  module?: string
  event?: string
  query?: object
  body?: unknown
  signal?: AbortSignal
}

type Routes = typeof routes
interface AnyRoute {
  method: Routes[RouteName]['method']
  path: string
}

/**
 * The client of a web app over any transport, for the routes of this table. Of the contracts nothing but the table is code at
 * run time: the validator stays out of the bundle.
 */
export function createApiClient<Table extends Partial<Routes>>(
  table: Table,
  transport: Transport,
  options: ApiClientOptions = {},
): Pick<ApiClient, keyof Table & AppRouteName> {
  const call = async (name: AppRouteName, { method, path }: AnyRoute, input: AnyInput = {}): Promise<unknown> => {
    const answer = await transport({
      method,
      url: buildUrl(
        path,
        { id: input.id, channel: input.channel, module: input.module, event: input.event },
        input.query,
      ),
      ...(input.body === undefined ? {} : { body: input.body }),
      ...(input.signal === undefined ? {} : { signal: input.signal }),
    })
    return acceptAnswer(name, answer, options)
  }
  const client: Partial<Record<AppRouteName, (input?: AnyInput) => Promise<unknown>>> = {}
  for (const [name, route] of Object.entries<AnyRoute>(table)) {
    // Those of the REST API are for keys, and no web app has one.
    if (!route.path.startsWith('/api/app/')) continue
    const own = name as AppRouteName
    client[own] = (input) => call(own, route, input)
  }
  // The answers come from our own server on our own origin, which checks them against the same contracts before it
  // sends them; a second validator in every phone would cost more bytes than the whole first screen.
  return client as unknown as Pick<ApiClient, keyof Table & AppRouteName>
}

/** Success gives the body, everything else is thrown. Also for answers that were fetched before the client existed. */
export function acceptAnswer(
  name: AppRouteName,
  answer: { status: number; body: unknown },
  options: ApiClientOptions = {},
): unknown {
  if (answer.status < 200 || answer.status > 299) {
    const error = errorFromAnswer(answer.status, answer.body)
    if (error.status === 401 && error.code === 'no_session') options.onNoSession?.(error)
    throw error
  }
  if (answer.status !== 204 && answer.body === undefined) {
    throw new ApiError({ status: answer.status, code: 'bad_response', detail: 'The answer is empty.' })
  }
  return options.check ? options.check(name, answer.body) : answer.body
}
