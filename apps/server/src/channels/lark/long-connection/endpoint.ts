import type { HttpInstance } from '@larksuiteoapi/node-sdk'
import { z } from 'zod'
import { ChannelError } from '#server/channels/channel-error.ts'
import type { LarkApp } from '../client.ts'

/** Seconds, as the platform sends them. Anything it leaves out, or that makes no sense, is ours to choose. */
export const ClientConfig = z.object({ PingInterval: z.number().min(1).max(3_600).catch(120) })

const EndpointAnswer = z.object({
  data: z.object({ URL: z.string().min(1).max(4_096), ClientConfig: ClientConfig.catch({ PingInterval: 120 }) }),
})

export interface Endpoint {
  url: URL
  /** Goes into every ping. */
  service: number
  pingIntervalMs: number
}

/** Asks where to connect: the app's id and secret prove who we are, the address that comes back is good for one connection. */
export async function findEndpoint({ appId, appSecret, openUrl }: LarkApp, http: HttpInstance): Promise<Endpoint> {
  const answer: unknown = await http.request({
    method: 'post',
    url: `${openUrl}/callback/ws/endpoint`,
    data: { AppID: appId, AppSecret: appSecret },
    headers: { locale: 'zh' },
  })
  const parsed = EndpointAnswer.safeParse(answer)
  const url = parsed.success && URL.canParse(parsed.data.data.URL) ? new URL(parsed.data.data.URL) : null
  if (!parsed.success || url === null) throw new ChannelError('retry', 'unreadable', 'no address to connect to')
  // Whoever answers over TLS must not send us, secret ticket and all, to an address without it.
  const isAllowed = url.protocol === 'wss:' || (url.protocol === 'ws:' && openUrl.startsWith('http:'))
  if (!isAllowed) throw new ChannelError('rejected', 'insecure_endpoint', 'the address to connect to is not encrypted')
  const { PingInterval } = parsed.data.data.ClientConfig
  const service = Number(url.searchParams.get('service_id'))
  return { url, service: Number.isInteger(service) ? service : 0, pingIntervalMs: PingInterval * 1_000 }
}
