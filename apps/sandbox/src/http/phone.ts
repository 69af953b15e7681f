import { Router } from 'express'
import type { Core } from '#sandbox/core.ts'
import type { WebViews } from './web-view.ts'

/**
 * Turns a browser into somebody's phone: `GET /phone/enter?person=alice&next=<url>` sets the cookie by which the
 * authorise page and the JS SDK know the person, then leads on. The SDK is a script of this origin inside the app's page,
 * so both must have one host name: from `localhost` to `127.0.0.1` no browser sends the cookie along.
 * DingTalk's client has no script but a bridge of its own: its browser is led on into the person's web view.
 */
export function createPhoneRouter({ world }: Core, webViews: WebViews): Router {
  const router = Router()
  router.get('/enter', async (request, response) => {
    const person = world.people.get(String(request.query.person ?? ''))
    const platform = request.query.platform
    if (person === undefined || (platform !== undefined && platform !== person.platform)) {
      response.status(404).type('text').send('There is no such person on this platform.')
      return
    }
    const next = String(request.query.next ?? '/')
    if (!isOwnPage(next)) {
      response.status(400).type('text').send('next must be a page of this sandbox or of one of its apps.')
      return
    }
    response.append('Set-Cookie', `sandbox_person=${person.id}; Path=/; SameSite=Lax; HttpOnly`)
    const isPage = person.platform === 'dingtalk' && URL.canParse(next)
    const target = isPage ? (await webViews.open(person, next, request.hostname)).frameUrl : next
    response.set('Cache-Control', 'no-store').redirect(302, target)
  })
  router.get('/leave', (_request, response) => {
    response.append('Set-Cookie', 'sandbox_person=; Path=/; Max-Age=0')
    response.set('Cache-Control', 'no-store').redirect(302, '/')
  })

  const isOwnPage = (next: string): boolean => {
    if (next.startsWith('/') && !next.startsWith('//')) return true
    if (!URL.canParse(next)) return false
    const { hostname, origin } = new URL(next)
    const known = world.bots().flatMap((app) => [...app.redirectUrls, app.homeUrl ?? []].flat())
    return ['localhost', '127.0.0.1', '[::1]'].includes(hostname) || known.some((url) => new URL(url).origin === origin)
  }
  return router
}
