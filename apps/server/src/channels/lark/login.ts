import type { Channel, LoginStart, PlatformUser } from '#server/channels/channel.ts'
import { ChannelError } from '#server/channels/channel-error.ts'
import { type LarkApp, type LarkClient, readAnswer } from './client.ts'
import { UserInfo, UserToken } from './wire.ts'

/** The redirect URI of the exchange is not the one of the log-in. */
const REDIRECT_MISMATCH = '20071'

/** Where a browser goes to log in. The platform answers to `redirectUri` with `code` and `state`. */
export function authorizeUrl(accountsUrl: string, appId: string, start: LoginStart): string {
  const query = new URLSearchParams({
    client_id: appId,
    redirect_uri: start.redirectUri,
    response_type: 'code',
    state: start.state,
    code_challenge: start.codeChallenge,
    code_challenge_method: 'S256',
  })
  return `${accountsUrl}/open-apis/authen/v1/authorize?${query}`
}

/**
 * Exchanges a log-in code for the person. The user's token is used for this one question and then forgotten.
 * Throws ChannelError; kind `rejected`: the code or the person is not good.
 */
export async function exchangeCode(
  app: LarkApp,
  client: LarkClient,
  login: Parameters<Channel['exchange']>[0],
): Promise<PlatformUser> {
  const sdk = await client.sdk()
  const tokenFor = async (redirectUri: string | null): Promise<string> => {
    // This endpoint takes no tenant token, and the SDK has no method for it.
    const answer: unknown = await sdk.httpInstance.post(`${app.openUrl}/open-apis/authen/v2/oauth/token`, {
      grant_type: 'authorization_code',
      client_id: app.appId,
      client_secret: app.appSecret,
      code: login.code,
      ...(redirectUri === null ? {} : { redirect_uri: redirectUri }),
      ...(login.codeVerifier === null ? {} : { code_verifier: login.codeVerifier }),
    })
    return readAnswer(UserToken, answer).access_token
  }
  // Which redirect URI belongs to a code of the H5 SDK is not documented: the page's own is tried, then none.
  const token = await tokenFor(login.redirectUri).catch((error: unknown) =>
    login.inApp && error instanceof ChannelError && error.code === REDIRECT_MISMATCH
      ? tokenFor(null)
      : Promise.reject(error),
  )
  const answer: unknown = await sdk.authen.v1.userInfo.get({}, { headers: { Authorization: `Bearer ${token}` } })
  const { data } = readAnswer(UserInfo, answer)
  return { platformUserId: data.open_id, organisation: data.tenant_key ?? null, name: data.name ?? '' }
}
