import type { ServiceCall } from '#sandbox/http/service.ts'
import { isObject, parseJson } from '#sandbox/json.ts'

/**
 * The parameters of an RPC call: in the query, in a form or in a JSON body. Undefined when the body is none of them.
 * A parameter of the query wins, as it is the one that the documents show.
 */
export function readParameters({ query, headers, body }: ServiceCall): Map<string, string> | undefined {
  const parameters = new Map<string, string>()
  const type = String(headers['content-type'] ?? '')
  const text = body.toString('utf8')
  if (text !== '' && type.startsWith('application/json')) {
    const value = parseJson(text)
    if (!isObject(value)) return undefined
    for (const [key, one] of Object.entries(value)) {
      parameters.set(key, typeof one === 'string' ? one : JSON.stringify(one))
    }
  } else if (text !== '' && type.startsWith('application/x-www-form-urlencoded')) {
    for (const [key, one] of new URLSearchParams(text)) parameters.set(key, one)
  } else if (text !== '') {
    return undefined
  }
  for (const [key, one] of query) parameters.set(key, one)
  return parameters
}
