import { type Endpoint, endpoints, Problem, type RouteName, routes } from '@countersign/contracts'
import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'

/** The OpenAPI 3.1 document of the REST API, made from the schemas that the server itself validates with. */
export function openApiDocument(publicUrl: string): ReturnType<typeof createDocument> {
  const paths: ZodOpenApiPathsObject = {}
  for (const name of Object.keys(routes) as RouteName[]) {
    const { method, path } = routes[name]
    const endpoint: Endpoint = endpoints[name]
    if (typeof endpoint.auth !== 'object') continue
    const openPath = path.replaceAll(/:(\w+)/g, '{$1}')
    paths[openPath] = { ...paths[openPath], [method.toLowerCase()]: operation(name, endpoint, openPath) }
  }
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
    paths,
  })
}

function operation(name: RouteName, endpoint: Endpoint, path: string): ZodOpenApiOperationObject {
  const problem = { content: { 'application/problem+json': { schema: Problem } } }
  const json = (schema: z.ZodType | undefined) =>
    schema === undefined ? {} : { content: { 'application/json': { schema } } }
  const query = endpoint.query instanceof z.ZodObject ? { query: endpoint.query } : {}
  const parameter = /\{(\w+)\}/.exec(path)?.[1]
  const pathParameters = parameter === undefined ? {} : { path: z.object({ [parameter]: z.string() }) }
  const idempotency =
    name === 'submitTicket' ? { header: z.object({ 'Idempotency-Key': z.string().max(128).optional() }) } : {}
  return {
    operationId: name,
    summary: endpoint.summary,
    ...(typeof endpoint.auth === 'object' ? { description: `Needs the scope \`${endpoint.auth.scope}\`.` } : {}),
    requestParams: { ...query, ...pathParameters, ...idempotency },
    ...(endpoint.body === undefined ? {} : { requestBody: { required: true, ...contentOf(endpoint.body) } }),
    responses: {
      [String(endpoint.status ?? 200)]: { description: 'Done', ...json(endpoint.response) },
      ...(name === 'submitTicket' ? { '200': { description: 'Submitted before', ...json(endpoint.response) } } : {}),
      '400': { description: 'Not JSON', ...problem },
      '401': { description: 'Missing or wrong key', ...problem },
      '403': { description: 'The key lacks the scope', ...problem },
      ...(parameter === undefined ? {} : { '404': { description: `No such ${absent(parameter)}`, ...problem } }),
      '409': { description: 'Conflict', ...problem },
      '422': { description: 'Bad input: every bad field is named', ...problem },
    },
  }
}

function absent(parameter: string): string {
  return parameter === 'id' ? 'ticket' : parameter
}

function contentOf(schema: z.ZodType) {
  return { content: { 'application/json': { schema } } }
}
