import { describe, expect, it } from 'vitest'
import { readEntry, returnTarget, ticketOf, withoutLogin } from './entry.ts'

describe('the address that opens the app', () => {
  it('is read as a link from a card', () => {
    expect(readEntry('?t=acme&c=feishu&corpId=x&ticket=tk_1')).toEqual({
      tenant: 'acme',
      channel: 'feishu',
      ticket: 'tk_1',
      login: undefined,
      loginError: undefined,
    })
  })

  it('is a return from a log-in only with code and state together', () => {
    expect(readEntry('?code=abc&state=xyz').login).toEqual({ code: 'abc', state: 'xyz' })
    expect(readEntry('?code=abc').login).toBeUndefined()
    expect(readEntry('?error=access_denied&state=xyz')).toMatchObject({ login: undefined, loginError: 'access_denied' })
  })

  it('leads to the ticket of its query until the app has a hash of its own', () => {
    expect(ticketOf('?ticket=tk_1', '')).toBe('tk_1')
    expect(ticketOf('?ticket=tk_1', '#/')).toBeUndefined()
    expect(ticketOf('?ticket=tk_1', '#/ticket/tk%202')).toBe('tk 2')
  })

  it('loses code, state and error after the log-in, and nothing else', () => {
    expect(withoutLogin('?t=acme&code=abc&state=xyz')).toBe('?t=acme')
    expect(withoutLogin('?error=access_denied&error_description=no')).toBe('')
  })

  it('is remembered for the way back from the log-in with the ticket now open', () => {
    expect(returnTarget('?t=acme&c=lark&ticket=old', '#/ticket/new')).toBe('?t=acme&c=lark&ticket=new')
    expect(returnTarget('?t=acme&ticket=old', '#/')).toBe('?t=acme')
    expect(returnTarget('?code=abc&state=xyz', '')).toBe('')
  })
})
