import type { Channel, LoginStart, PlatformUser } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { DingtalkApp, DingtalkClient } from './client.ts'
import { isUnknownPerson } from './errors.ts'
import { FoundByCode, FoundByUnionId, Me, UserToken } from './wire.ts'

/** Somebody of another organisation whom members know. */
const OUTSIDE = 1

/** Where a browser goes to log in. The platform answers to `redirectUri` with `authCode` and `state`; it has no PKCE. */
export function authorizeUrl(
  app: { loginUrl: string; appKey: string; corpId: string; isExclusive: boolean },
  start: LoginStart,
): string {
  const query = new URLSearchParams({
    redirect_uri: start.redirectUri,
    response_type: 'code',
    client_id: app.appKey,
    scope: 'openid',
    state: start.state,
    prompt: 'consent',
    // The organisation's own log-in page, without asking for its code first.
    ...(app.isExclusive ? { exclusiveLogin: 'true', exclusiveCorpId: app.corpId } : {}),
  })
  return `${app.loginUrl}/oauth2/auth?${query}`
}

/** Exchanges a log-in code for the person. Throws ChannelError; kind `rejected`: the code or the person is not good. */
export async function exchangeCode(
  app: DingtalkApp,
  client: DingtalkClient,
  login: Parameters<Channel['exchange']>[0],
): Promise<PlatformUser> {
  return login.inApp ? memberByCode(app, client, login.code) : memberByBrowser(app, client, login.code)
}

async function memberByCode(app: DingtalkApp, client: DingtalkClient, code: string): Promise<PlatformUser> {
  const api = '/topapi/v2/user/getuserinfo'
  const { result } = await client.callOld({ api, body: { code }, answer: FoundByCode })
  return { platformUserId: result.userid, organisation: app.corpId, name: result.name ?? '' }
}

/** The person's token is used for one question and then forgotten: who are you, and then whom our members know as that. */
async function memberByBrowser(app: DingtalkApp, client: DingtalkClient, code: string): Promise<PlatformUser> {
  const grant = { clientId: app.appKey, clientSecret: app.appSecret, code, grantType: 'authorization_code' }
  const token = await client
    .callAs(null, { api: '/v1.0/oauth2/userAccessToken', body: grant, answer: UserToken })
    .catch(badCode)
  const me = await client.callAs(token.accessToken, { method: 'GET', api: '/v1.0/contact/users/me', answer: Me })
  const api = '/topapi/user/getbyunionid'
  const { result } = await client
    .callOld({ api, body: { unionid: me.unionId }, answer: FoundByUnionId })
    .catch((error: unknown) => (isUnknownPerson(error) ? Promise.reject(notMember(error.code)) : Promise.reject(error)))
  if (result.contact_type === OUTSIDE) throw notMember('contact_type')
  return { platformUserId: result.userid, organisation: app.corpId, name: me.nick ?? '' }
}

const notMember = (code: string): ChannelError =>
  new ChannelError('rejected', code, 'this person is no member of the organisation')

/** Which code stands for a bad log-in code is not documented: a refusal with 400 that says nothing else is one. */
function badCode(error: unknown): never {
  const isUnclear =
    error instanceof ChannelError && error.kind === 'retry' && !error.outcomeUnknown && /^[a-z]/.test(error.code)
  const isOurs = error instanceof ChannelError && ['network', 'timeout', 'connection_lost'].includes(error.code)
  if (!isUnclear || isOurs) throw error
  throw new ChannelError('rejected', error.code, error.message, { cause: error })
}
