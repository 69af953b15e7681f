import { type RouteName, routes } from '@countersign/contracts'
import { ownPage } from './two-tenants.ts'

export interface Answer {
  status: number
  /** Of a problem; empty for success. */
  code: string
  text: string
}

export interface Question {
  params?: Readonly<Record<string, string>>
  query?: object | undefined
  body?: unknown
}

/** Calls an endpoint over the wire. `headers` say who asks; unless told otherwise the request comes from our own page. */
export async function ask(
  url: string,
  name: RouteName,
  { params = {}, query = {}, body }: Question,
  headers: Readonly<Record<string, string>>,
  page: Readonly<Record<string, string>> = ownPage(),
): Promise<Answer> {
  const { method, path } = routes[name]
  const filled = path.replaceAll(/:(\w+)/g, (_, parameter: string) => {
    const value = params[parameter]
    if (value === undefined) throw new Error(`${name} has no sample for :${parameter}`)
    return encodeURIComponent(value)
  })
  const search = new URLSearchParams(
    Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]),
  ).toString()
  const answer = await fetch(`${url}${filled}${search === '' ? '' : `?${search}`}`, {
    method,
    headers: { ...page, ...headers, ...(method === 'GET' ? {} : { 'content-type': 'application/json' }) },
    ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
  })
  const text = await answer.text()
  return { status: answer.status, code: answer.ok ? '' : String(JSON.parse(text).code), text }
}

/** As a test prepares something: throws unless it succeeds. */
export async function must(...question: Parameters<typeof ask>): Promise<unknown> {
  const answer = await ask(...question)
  if (answer.status > 299) throw new Error(`${question[1]}: ${answer.status} ${answer.text}`)
  return answer.text === '' ? null : JSON.parse(answer.text)
}
