import { Router } from 'express'
import { createWebApp } from './web-app.ts'

/** Where the desktop console lives. The H5 app lies below it, at `mobile/index/`. */
export const consolePath = '/console/'

/** Serves the console: every address below its path is a page of it, so that any of them can be bookmarked and sent. */
export function consoleRouter({ directory }: { directory: string }): Router {
  const router = Router()
  const app = createWebApp({ directory, name: 'The console' })
  router.get('/console', (req, res, next) => {
    if (req.path.endsWith('/')) return next()
    return res.redirect(301, `${consolePath}${req.url.slice(req.path.length)}`)
  })
  router.use(consolePath, app.assets)
  router.get(`${consolePath}{*page}`, (req, res, next) => {
    // A file that is not there is not a page.
    if (/\.\w+$/.test(req.path) || req.path.startsWith(`${consolePath}mobile/`)) return next()
    return app.show(req, res, { frame: [], script: [] })
  })
  return router
}
