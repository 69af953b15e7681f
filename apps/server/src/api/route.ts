import {
  ChannelName,
  type Endpoint,
  endpoints,
  GivenModule,
  type Module,
  NoticeEvent,
  type ParsedBodyOf,
  type ParsedQueryOf,
  type ResponseOf,
  type RouteName,
  routes,
} from '@countersign/contracts'
import type { Request, Response, Router } from 'express'
import type { z } from 'zod'
import { AppError } from '#server/errors.ts'

/** A request after its contract: what a handler works with. */
export interface Call<Name extends RouteName, Who> {
  /** What `admit` found out about the caller. */
  who: Who
  query: ParsedQueryOf<Name>
  body: ParsedBodyOf<Name>
  /** Path parameter `:id`, or an empty string. */
  id: string
  /** Path parameter `:channel`. Throws AppError('not_found') for what is no channel. */
  readonly channel: ChannelName
  /** Path parameters `:module` and `:event`. Throw AppError('not_found') for what cannot be one. */
  readonly module: Module
  readonly event: NoticeEvent
  req: Request
  res: Response
}

/** An answer with a status other than the endpoint's own (200 for a repeated submission). */
export class Answer<Body> {
  readonly status: number
  readonly body: Body
  constructor(status: number, body: Body) {
    this.status = status
    this.body = body
  }
}

export type Handler<Name extends RouteName, Who> = (
  call: Call<Name, Who>,
) => Promise<ResponseOf<Name> | Answer<ResponseOf<Name>>>

/** Every bad field of a value, `path` dotted. */
export function fieldErrors(error: z.ZodError): { path: string; message: string }[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.join('.')
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: [...issue.path, key].join('.'), message: 'unknown field' }))
    }
    return [{ path, message: issue.message }]
  })
}

function parsed(schema: z.ZodType | undefined, value: unknown, what: string): unknown {
  if (schema === undefined) return undefined
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new AppError('invalid_request', `the ${what} is not acceptable`, { errors: fieldErrors(result.error) })
}

function parameter<Schema extends z.ZodType>(schema: Schema, req: Request, name: string): z.infer<Schema> {
  const result = schema.safeParse(req.params[name])
  if (!result.success) throw new AppError('not_found', `there is no such ${name}`)
  return result.data
}

/** Finds out who is asking, and throws if they may not. Nothing but the path has been looked at by then. */
export type Admit<Who> = (req: Request, res: Response) => Promise<Who>

/**
 * Mounts one endpoint of the contract: query and body are parsed before the handler sees them, and the answer is parsed
 * before it leaves, so that nothing goes out which the contract does not name. Whom `admit` turns away learns nothing
 * about what is acceptable. Endpoints are mounted by what who-may.ts of the contracts declares: for-anybody.ts,
 * v1/for-keys.ts, app/for-roles.ts, app/for-tickets.ts.
 */
export function mount<Name extends RouteName, Who>(
  router: Router,
  name: Name,
  handler: Handler<Name, Who>,
  admit: Admit<Who>,
): void {
  const { method, path } = routes[name]
  const endpoint: Endpoint = endpoints[name]
  const verb = method.toLowerCase() as Lowercase<typeof method>
  router[verb](path, async (req: Request, res: Response) => {
    const who = await admit(req, res)
    const call = {
      who,
      query: parsed(endpoint.query, req.query, 'query'),
      body: parsed(endpoint.body, req.body ?? {}, 'body'),
      id: typeof req.params.id === 'string' ? req.params.id : '',
      get channel() {
        return parameter(ChannelName, req, 'channel')
      },
      get module() {
        return parameter(GivenModule, req, 'module')
      },
      get event() {
        return parameter(NoticeEvent, req, 'event')
      },
      req,
      res,
    } as Call<Name, Who>
    const given = await handler(call)
    const { status, body } = given instanceof Answer ? given : { status: endpoint.status ?? 200, body: given }
    if (res.headersSent || res.destroyed) return
    if (endpoint.response === undefined) res.status(204).end()
    else res.status(status).json(endpoint.response.parse(body))
  })
}
