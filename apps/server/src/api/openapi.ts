import { type Endpoint, endpoints, Problem, type RouteName, routes, type WhoMay, whoMay } from '@countersign/contracts'
import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { whoMayWords } from './who-may-words.ts'

type OpenApi = ReturnType<typeof createDocument>

/** The OpenAPI 3.1 document of the REST API, made from the schemas that the server itself validates with. */
export function openApiDocument(publicUrl: string): OpenApi {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Countersign',
      version: '1',
      description:
        'Submit tickets that need consent, follow them, be told the decision, and see how the channels stand.',
    },
    servers: [{ url: publicUrl }],
    security: [{ apiKey: [] }],
    components: {
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key, csk_…' } },
    },
    paths: pathsOf((name) => whoMay[name].by === 'key'),
  })
}

/** The same of what our own pages call, with the roles that each endpoint is for. It changes with every release. */
export function pagesOpenApiDocument(publicUrl: string): OpenApi {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Countersign, as its own pages call it',
      version: '1',
      description:
        'For the H5 app and the console. Not for programs: it changes with every release. Changes need the header ' +
        '`x-requested-with: countersign` and come from our own origin.',
    },
    servers: [{ url: publicUrl }],
    components: {
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-cs_access',
          description: 'Set by a log-in. Beside an endpoint stand the roles of which one is needed.',
        },
      },
    },
    paths: pathsOf((name) => whoMay[name].by !== 'key'),
  })
}

function pathsOf(isIn: (name: RouteName) => boolean): ZodOpenApiPathsObject {
  const paths: ZodOpenApiPathsObject = {}
  for (const name of (Object.keys(routes) as RouteName[]).filter(isIn)) {
    const { method, path } = routes[name]
    const openPath = path.replaceAll(/:(\w+)/g, '{$1}')
    paths[openPath] = { ...paths[openPath], [method.toLowerCase()]: operation(name, endpoints[name], openPath) }
  }
  return paths
}

function operation(name: RouteName, endpoint: Endpoint, path: string): ZodOpenApiOperationObject {
  const problem = { content: { 'application/problem+json': { schema: Problem } } }
  const json = (schema: z.ZodType | undefined) =>
    schema === undefined ? {} : { content: { 'application/json': { schema } } }
  const query = endpoint.query instanceof z.ZodObject ? { query: endpoint.query } : {}
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter = '']) => [parameter, z.string()] as const)
  const pathParameters = parameters.length === 0 ? {} : { path: z.object(Object.fromEntries(parameters)) }
  const may: WhoMay = whoMay[name]
  const idempotency =
    name === 'submitTicket' ? { header: z.object({ 'Idempotency-Key': z.string().max(128).optional() }) } : {}
  return {
    operationId: name,
    summary: endpoint.summary,
    description: `For: ${whoMayWords(may)}.`,
    security: securityOf(may),
    requestParams: { ...query, ...pathParameters, ...idempotency },
    ...(endpoint.body === undefined ? {} : { requestBody: { required: true, ...contentOf(endpoint.body) } }),
    responses: {
      [String(endpoint.response === undefined ? 204 : (endpoint.status ?? 200))]: {
        description: 'Done',
        ...json(endpoint.response),
      },
      ...(name === 'submitTicket' ? { '200': { description: 'Submitted before', ...json(endpoint.response) } } : {}),
      '400': { description: 'Not JSON', ...problem },
      '401': { description: unknownCaller[may.by], ...problem },
      '403': { description: may.by === 'key' ? 'The key lacks the scope' : 'Not for this caller', ...problem },
      ...(may.of === undefined ? {} : { '404': { description: `No such ${may.of.replaceAll('_', ' ')}`, ...problem } }),
      '409': { description: 'Conflict', ...problem },
      '422': { description: 'Bad input: every bad field is named', ...problem },
    },
  }
}

const unknownCaller = {
  key: 'Missing or wrong key',
  session: 'Nobody is logged in',
  anybody: 'The log-in failed',
} as const satisfies Record<WhoMay['by'], string>

/**
 * For programs: in OpenAPI 3.1 a requirement may name a role also where the scheme is not OAuth, and of several
 * requirements one is enough.
 */
function securityOf(may: WhoMay): NonNullable<ZodOpenApiOperationObject['security']> {
  switch (may.by) {
    case 'key':
      return [{ apiKey: [may.scope] }]
    case 'anybody':
      return []
    case 'session':
      return may.roles === 'everybody' ? [{ session: [] }] : may.roles.map((role) => ({ session: [role] }))
    default:
      return may satisfies never
  }
}

function contentOf(schema: z.ZodType) {
  return { content: { 'application/json': { schema } } }
}
