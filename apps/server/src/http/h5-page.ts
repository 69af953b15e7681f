import { type RequestHandler, Router } from 'express'
import { h5Path } from '#server/cards/ticket-link.ts'
import type { LiveChannels } from '#server/channels/live-channels.ts'
import { createWebApp } from './web-app.ts'

/** Clients of the platforms, which show our page in a web view or frame. */
const platformAgents = /\b(Lark|Feishu|DingTalk|AliApp)\b|Mobile|Android|iPhone|iPad/i

export interface H5PageDeps {
  /** Where the built app lies. */
  directory: string
  channels: LiveChannels
}

/** Serves the H5 app at its pinned path, and leads phones and platform web views there from the bare origin. */
export function h5Router({ directory, channels }: H5PageDeps): Router {
  const router = Router()
  const app = createWebApp({ directory, name: 'The H5 app' })

  router.get('/', (req, res) => {
    const isPhone = platformAgents.test(req.headers['user-agent'] ?? '')
    res.redirect(302, `${isPhone ? h5Path : '/console/'}${queryOf(req.url)}`)
  })

  const showPage: RequestHandler = async (req, res) => {
    const live = await channels.all()
    res.setHeader('cross-origin-resource-policy', 'cross-origin')
    res.setHeader('cross-origin-opener-policy', 'unsafe-none')
    app.show(req, res, {
      frame: unique(live.flatMap((channel) => channel.origins.frame)),
      script: unique(live.flatMap((channel) => channel.origins.script)),
    })
  }
  router.get(h5Path, (req, res, next) => {
    // Relative addresses in the page and the OAuth redirect need the trailing slash.
    // Returned, so that a failure reaches the error handler: a rejection that nobody takes would end the process.
    if (req.path.endsWith('/')) return showPage(req, res, next)
    return res.redirect(301, `${h5Path}${req.url.slice(req.path.length)}`)
  })
  router.use(h5Path, app.assets)
  return router
}

const queryOf = (url: string): string => (url.includes('?') ? url.slice(url.indexOf('?')) : '')

const unique = (values: string[]): string[] => [...new Set(values)]
