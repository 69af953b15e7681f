import { createHash } from 'node:crypto'
import type { Core } from '#sandbox/core.ts'
import { stableId } from '#sandbox/ids.ts'
import { type AppCall, failure, type Reply, type Route, success } from './api.ts'
import type { LongConnections } from './long-connection.ts'

/** Life of a JS ticket; the field and its value are not fully documented (section 12 of the protocol notes). */
const TICKET_SECONDS = 7_200

/** The ticket that signs pages of one app; it changes with its life. */
export function jsTicket({ clock }: Core, appId: string): string {
  return stableId('', appId, 'ticket', String(Math.floor(clock.now() / 1000 / TICKET_SECONDS)))
}

/** Calls by which a doctor looks at an app's own configuration, and the ticket for the JS SDK. */
export function doctorRoutes(core: Core, longConnections: Pick<LongConnections, 'online'>): Route[] {
  const ticket = (call: AppCall) => success({ ticket: jsTicket(core, call.app.appId), expire_in: TICKET_SECONDS })
  return [
    {
      method: 'GET',
      path: '/open-apis/bot/v3/info',
      auth: 'tenant',
      handle: describeBot,
    },
    {
      method: 'GET',
      path: '/open-apis/application/v6/scopes',
      auth: 'tenant',
      handle: ({ app }) =>
        success({ scopes: app.scopes.map((scope) => ({ scope_name: scope, grant_status: 1, scope_type: 'tenant' })) }),
    },
    {
      method: 'GET',
      path: '/open-apis/application/v6/applications/me',
      auth: 'tenant',
      scopes: ['application:application:self_manage'],
      handle: describeApp,
    },
    {
      method: 'GET',
      path: '/open-apis/event/v1/connection',
      auth: 'tenant',
      handle: ({ app }) => success({ online_instance_cnt: longConnections.online(app.appId) }),
    },
    {
      method: 'GET',
      path: '/open-apis/event/v1/outbound_ip',
      auth: 'tenant',
      handle: () => success({ ip_list: ['127.0.0.1'], has_more: false }),
    },
    { method: 'GET', path: '/open-apis/jssdk/ticket/get', auth: 'tenant', handle: ticket },
    { method: 'POST', path: '/open-apis/jssdk/ticket/get', auth: 'tenant', handle: ticket },
  ]
}

/** What the app is to the organisation: 2 in use, 3 waiting to be approved (bot information page). */
const activation = { published: 2, unpublished: 3 }
/** General error codes. */
const NO_BOT = 11205

/** The one call that answers beside `data` (SDK channel source). */
function describeBot({ app }: AppCall): Reply {
  if (app.hasBot === false) return failure(NO_BOT, 'app do not have bot')
  const { published, unpublished } = activation
  const bot = {
    activate_status: app.isPublished === false ? unpublished : published,
    app_name: app.name,
    avatar_url: '',
    ip_white_list: [],
    open_id: app.botOpenId,
  }
  return { status: 200, body: { code: 0, msg: 'ok', bot } }
}

const everySubscription = ['card.action.trigger', 'im.message.receive_v1']

function describeApp({ app }: AppCall) {
  const subscribed = app.subscribed ?? everySubscription
  const mode = app.connection === 'long-connection' ? 'websocket' : 'webhook'
  const onlineVersion = createHash('sha256').update(app.appId).digest('hex').slice(0, 16)
  return success({
    app: {
      app_id: app.appId,
      app_name: app.name,
      status: 1,
      online_version_id: app.isPublished === false ? '' : `oav_${onlineVersion}`,
      scopes: app.scopes.map((scope) => ({ scope, token_types: ['tenant', 'user'] })),
      event: {
        subscription_type: mode,
        request_url: app.callbackUrl,
        subscribed_events: subscribed.filter((one) => one.startsWith('im.')),
      },
      callback_info: {
        callback_type: mode,
        request_url: app.callbackUrl,
        subscribed_callbacks: subscribed.filter((one) => one.startsWith('card.')),
      },
      security: {
        redirect_urls: app.redirectUrls,
        h5_trusted_domains: app.h5TrustedDomains ?? [],
        allowed_ips: [],
      },
      ...(app.showsKeys === false
        ? {}
        : { encryption: { encryption_key: app.encryptKey ?? '', verification_token: app.verificationToken } }),
    },
  })
}
