import { routes } from '@countersign/contracts/routes'
import { describe, expect, it, vi } from 'vitest'
import { ApiError } from './api-error.ts'
import { createApiClient } from './client.ts'
import type { ApiAnswer, ApiRequest, Transport } from './transport.ts'

const problem = (status: number, code: string, more: object = {}): ApiAnswer => ({
  status,
  body: { type: 'about:blank', title: code, status, code, detail: `Because of ${code}.`, ...more },
})

function transportThatAnswers(answer: ApiAnswer): { transport: Transport; requests: ApiRequest[] } {
  const requests: ApiRequest[] = []
  const transport: Transport = (request) => {
    requests.push(request)
    return Promise.resolve(answer)
  }
  return { transport, requests }
}

async function errorOf(work: Promise<unknown>): Promise<ApiError> {
  const outcome = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(outcome instanceof ApiError)) throw new Error('The call was expected to reject with an ApiError.')
  return outcome
}

describe('the API client', () => {
  it('fills the ticket id into the path, safe against slashes', async () => {
    const { transport, requests } = transportThatAnswers({ status: 200, body: {} })
    await createApiClient(routes, transport).getMyTicket({ id: 'a/b?c' })
    expect(requests[0]).toEqual({ method: 'GET', url: '/api/app/tickets/a%2Fb%3Fc' })
  })

  it('appends only the parts of a query that are given', async () => {
    const { transport, requests } = transportThatAnswers({ status: 200, body: {} })
    await createApiClient(routes, transport).listMyTickets({ query: { tab: 'done', q: '', limit: 20 } })
    expect(requests[0]?.url).toBe('/api/app/tickets?tab=done&limit=20')
  })

  it('sends the body of a decision', async () => {
    const { transport, requests } = transportThatAnswers({ status: 200, body: {} })
    const body = { action: 'approve', contentHash: 'sha256:1' } as const
    await createApiClient(routes, transport).decide({ id: 't1', body })
    expect(requests[0]).toMatchObject({ method: 'POST', url: '/api/app/tickets/t1/decision', body })
  })

  it('has a method for every endpoint of the web apps and for none with an API key', () => {
    const client = createApiClient(routes, transportThatAnswers({ status: 200, body: {} }).transport)
    expect(Object.keys(client)).toContain('endSession')
    expect(Object.keys(client)).not.toContain('submitTicket')
  })

  it('turns a problem document into an error with its code, detail and fields', async () => {
    const answer = problem(422, 'invalid', { errors: [{ path: 'comment', message: 'is too long' }] })
    const error = await errorOf(createApiClient(routes, transportThatAnswers(answer).transport).getSession())
    expect(error).toMatchObject({ status: 422, code: 'invalid', detail: 'Because of invalid.' })
    expect(error.fields).toEqual([{ path: 'comment', message: 'is too long' }])
  })

  it('gives an error page of a proxy a code of its own', async () => {
    const { transport } = transportThatAnswers({ status: 502, body: undefined })
    expect(await errorOf(createApiClient(routes, transport).getSession())).toMatchObject({
      status: 502,
      code: 'http_502',
    })
  })

  it('says that the session is gone beside rejecting, and only for that code', async () => {
    const onNoSession = vi.fn()
    const lost = createApiClient(routes, transportThatAnswers(problem(401, 'no_session')).transport, { onNoSession })
    await errorOf(lost.listMyTickets())
    expect(onNoSession).toHaveBeenCalledOnce()
    const failed = createApiClient(routes, transportThatAnswers(problem(401, 'login_failed')).transport, {
      onNoSession,
    })
    await errorOf(failed.getSession())
    expect(onNoSession).toHaveBeenCalledOnce()
  })

  it('refuses a success without a body where the contract has one', async () => {
    const { transport } = transportThatAnswers({ status: 200, body: undefined })
    expect(await errorOf(createApiClient(routes, transport).getSession())).toMatchObject({ code: 'bad_response' })
  })

  it('takes 204 as an answer without a body', async () => {
    const { transport } = transportThatAnswers({ status: 204, body: undefined })
    await expect(createApiClient(routes, transport).endSession()).resolves.toBeUndefined()
  })

  it('shows every answer to the check that a caller gives', async () => {
    const { transport } = transportThatAnswers({ status: 200, body: { seen: 1 } })
    const check = vi.fn(() => ({ checked: true }))
    expect(await createApiClient(routes, transport, { check }).getSession()).toEqual({ checked: true })
    expect(check).toHaveBeenCalledWith('getSession', { seen: 1 })
  })
})
