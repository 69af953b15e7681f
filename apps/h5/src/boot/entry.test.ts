import { describe, expect, it } from 'vitest'
import { leadsToSettings, readEntry, returnTarget, ticketOf, withoutLogin } from './entry.ts'

describe('the address that opens the app', () => {
  it('is read as a link from a card', () => {
    expect(readEntry('?t=acme&c=feishu&corpId=x&ticket=tk_1')).toEqual({
      tenant: 'acme',
      channel: 'feishu',
      corpId: 'x',
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

  it('is a return from DingTalk, which has a word of its own for the code', () => {
    expect(readEntry('?authCode=abc&state=xyz').login).toEqual({ code: 'abc', state: 'xyz' })
    expect(readEntry('?authCode=abc').login).toBeUndefined()
    expect(withoutLogin('?authCode=abc&state=xyz')).toBe('')
  })

  it('names no organisation as long as DingTalk has not filled it in', () => {
    expect(readEntry('?corpId=$CORPID$').corpId).toBeUndefined()
    expect(readEntry('?corpId=%24CORPID%24').corpId).toBeUndefined()
    expect(readEntry('?corpId=ding1').corpId).toBe('ding1')
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

  it('leads to the notification settings by a query from outside, then by the hash', () => {
    expect(leadsToSettings('?t=acme&page=settings', '')).toBe(true)
    expect(leadsToSettings('?page=settings', '#/')).toBe(false)
    expect(leadsToSettings('', '#/settings/email')).toBe(true)
    expect(leadsToSettings('?page=other', '')).toBe(false)
  })

  it('is remembered for the way back with the settings while they are open', () => {
    expect(returnTarget('?t=acme', '#/settings')).toBe('?t=acme&page=settings')
    expect(returnTarget('?t=acme&page=settings', '')).toBe('?t=acme&page=settings')
    expect(returnTarget('?t=acme&page=settings', '#/')).toBe('?t=acme')
  })

  it('is remembered for the way back from the log-in with the ticket now open', () => {
    expect(returnTarget('?t=acme&c=lark&ticket=old', '#/ticket/new')).toBe('?t=acme&c=lark&ticket=new')
    expect(returnTarget('?t=acme&ticket=old', '#/')).toBe('?t=acme')
    expect(returnTarget('?code=abc&state=xyz', '')).toBe('')
  })
})
