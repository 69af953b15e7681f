import { Router } from 'express'
import type { Core } from '#sandbox/core.ts'

/**
 * Turns a browser into somebody's phone: `GET /phone/enter?person=alice&next=<url>` sets the cookie by which the
 * authorise page and the JS SDK know the person, then leads on.
 */
export function createPhoneRouter({ world }: Core): Router {
  const router = Router()
  router.get('/enter', (request, response) => {
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
    // Two cookies for one person: the second one also travels when the app's page is on another name of this machine
    // (localhost and 127.0.0.1 are different sites), where a Lax cookie would stay behind.
    response.append('Set-Cookie', `sandbox_person=${person.id}; Path=/; SameSite=Lax; HttpOnly`)
    response.append('Set-Cookie', `sandbox_person_cross=${person.id}; Path=/; SameSite=None; Secure; HttpOnly`)
    response.set('Cache-Control', 'no-store').redirect(302, next)
  })
  router.get('/leave', (_request, response) => {
    response.append('Set-Cookie', 'sandbox_person=; Path=/; Max-Age=0')
    response.append('Set-Cookie', 'sandbox_person_cross=; Path=/; Max-Age=0; SameSite=None; Secure')
    response.set('Cache-Control', 'no-store').redirect(302, '/')
  })

  const isOwnPage = (next: string): boolean => {
    if (next.startsWith('/') && !next.startsWith('//')) return true
    if (!URL.canParse(next)) return false
    const { hostname, origin } = new URL(next)
    const known = [...world.apps.values()].flatMap((app) => [...app.redirectUrls, app.homeUrl ?? []].flat())
    return ['localhost', '127.0.0.1', '[::1]'].includes(hostname) || known.some((url) => new URL(url).origin === origin)
  }
  return router
}
