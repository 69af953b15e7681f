import type { z } from 'zod'
import { ChannelError } from '#server/channels/channel-error.ts'
import { isBadToken, isCounted, unreadableAnswer } from './errors.ts'
import { createDingtalkHttp, type DingtalkHttp } from './http.ts'
import { createAppTokens } from './token.ts'
import { AppToken } from './wire.ts'

export interface DingtalkApp {
  appKey: string
  appSecret: string
  corpId: string
  /** Origins, or origins and paths, without a slash at the end. */
  apiUrl: string
  oapiUrl: string
}

/** What calls of this app cost: an organisation on Standard has 5,000 counted calls a month. */
export interface DingtalkDeps {
  /** Epoch milliseconds. */
  now: () => number
  /** Told of every call that counts against the monthly quota, by the path of the API. */
  meter?: (call: { appKey: string; api: string }) => void
}

export interface Call<Schema extends z.ZodType> {
  method?: 'GET' | 'POST' | 'PUT'
  /** Path with the leading slash. */
  api: string
  body?: unknown
  answer: Schema
  /** Sending counts against the quota; tokens, log-in and contacts do not. */
  isCounted?: boolean
}

/** The platform as this channel calls it. Every failure is a ChannelError. */
export interface DingtalkClient {
  /** Fetches a token, unless there is one. */
  authenticate(): Promise<void>
  /** On api.dingtalk.com, with the app's token. */
  callNew<Schema extends z.ZodType>(call: Call<Schema>): Promise<z.infer<Schema>>
  /** On oapi.dingtalk.com, with the app's token. */
  callOld<Schema extends z.ZodType>(call: Call<Schema>): Promise<z.infer<Schema>>
  /** On api.dingtalk.com, with a person's token or none. */
  callAs<Schema extends z.ZodType>(userToken: string | null, call: Call<Schema>): Promise<z.infer<Schema>>
}

const TOKEN_HEADER = 'x-acs-dingtalk-access-token'

export function createDingtalkClient(
  app: DingtalkApp,
  deps: DingtalkDeps,
  http: DingtalkHttp = createDingtalkHttp(),
): DingtalkClient {
  const tokens = createAppTokens(async () => {
    const { appKey, appSecret } = app
    const url = `${app.apiUrl}/v1.0/oauth2/accessToken`
    const answer = await http.callNew({ method: 'POST', url, body: { appKey, appSecret } })
    const { accessToken, expireIn } = readAnswer(AppToken, answer)
    return { token: accessToken, expiresIn: expireIn }
  }, deps.now)

  const metered = async (call: Call<z.ZodType>, request: () => Promise<unknown>): Promise<unknown> => {
    const count = (): void => {
      if (call.isCounted === true) deps.meter?.({ appKey: app.appKey, api: call.api })
    }
    try {
      const answer = await request()
      count()
      return answer
    } catch (error) {
      if (error instanceof ChannelError && isCounted(error)) count()
      throw error
    }
  }

  /** Once more with a fresh token when the platform no longer takes this one. */
  const withToken = async (request: (token: string) => Promise<unknown>): Promise<unknown> => {
    const token = await tokens.get()
    try {
      return await request(token)
    } catch (error) {
      if (!isBadToken(error)) throw error
      tokens.forget(token)
      return request(await tokens.get())
    }
  }

  return {
    async authenticate() {
      await tokens.get()
    },
    async callNew(call) {
      const { method = 'POST', api, body } = call
      const url = `${app.apiUrl}${api}`
      const answer = await withToken((token) =>
        metered(call, () => http.callNew({ method, url, body, headers: { [TOKEN_HEADER]: token } })),
      )
      return readAnswer(call.answer, answer)
    },
    async callOld(call) {
      const { method = 'POST', api, body } = call
      const answer = await withToken((token) => {
        const url = `${app.oapiUrl}${api}?${new URLSearchParams({ access_token: token })}`
        return metered(call, () => http.callOld({ method, url, body }))
      })
      return readAnswer(call.answer, answer)
    },
    async callAs(userToken, call) {
      const { method = 'POST', api, body } = call
      const headers = userToken === null ? {} : { [TOKEN_HEADER]: userToken }
      return readAnswer(call.answer, await http.callNew({ method, url: `${app.apiUrl}${api}`, body, headers }))
    },
  }
}

/** Reads a success; one of another shape leaves open whether the call was carried out. */
function readAnswer<Schema extends z.ZodType>(schema: Schema, answer: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(answer)
  if (!parsed.success) throw unreadableAnswer(200)
  return parsed.data
}
