import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type RequestHandler, Router } from 'express'
import expressStaticGzip from 'express-static-gzip'
import { h5Path } from '#server/cards/ticket-link.ts'
import type { LiveChannels } from '#server/channels/live-channels.ts'

/** The page itself is asked for anew now and then; what it loads carries a hash and never changes. */
const pageMaxAgeS = 60
const assetMaxAgeS = 31_536_000

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
  const page = createPageReader(directory)

  router.get('/', (req, res) => {
    const isPhone = platformAgents.test(req.headers['user-agent'] ?? '')
    res.redirect(302, `${isPhone ? h5Path : '/console/'}${queryOf(req.url)}`)
  })

  // Until the desktop console is there, desktops get the H5 app as well.
  router.get('/console/', (req, res) => res.redirect(302, `${h5Path}${queryOf(req.url)}`))

  const showPage: RequestHandler = async (req, res) => {
    const html = page.read(req.headers['accept-encoding'])
    if (html === null) {
      res.status(503).type('text/plain').send('The H5 app is not built: run `pnpm build`.')
      return
    }
    const live = await channels.all()
    res.setHeader(
      'content-security-policy',
      contentSecurityPolicy(html.inlineHashes, {
        frame: unique(live.flatMap((channel) => channel.origins.frame)),
        script: unique(live.flatMap((channel) => channel.origins.script)),
      }),
    )
    res.setHeader('cross-origin-resource-policy', 'cross-origin')
    res.setHeader('cross-origin-opener-policy', 'unsafe-none')
    res.setHeader('cache-control', `private, max-age=${pageMaxAgeS}`)
    res.setHeader('vary', 'accept-encoding')
    res.setHeader('etag', html.etag)
    if (html.encoding !== null) res.setHeader('content-encoding', html.encoding)
    res.type('html')
    if (req.fresh) res.status(304).end()
    else res.send(html.bytes)
  }
  router.get(h5Path, (req, res, next) => {
    // Relative addresses in the page and the OAuth redirect need the trailing slash.
    // Returned, so that a failure reaches the error handler: a rejection that nobody takes would end the process.
    if (req.path.endsWith('/')) return showPage(req, res, next)
    return res.redirect(301, `${h5Path}${req.url.slice(req.path.length)}`)
  })
  router.use(
    `${h5Path}assets`,
    mayBeKept,
    expressStaticGzip(join(directory, 'assets'), {
      enableBrotli: true,
      orderPreference: ['br', 'gz'],
      index: false,
      serveStatic: { immutable: true, maxAge: assetMaxAgeS * 1_000, fallthrough: true, dotfiles: 'ignore' },
    }),
  )
  return router
}

/** Static files say themselves how long they may be kept, but only where nobody has said so before. */
const mayBeKept: RequestHandler = (_req, res, next) => {
  res.removeHeader('cache-control')
  next()
}

const queryOf = (url: string): string => (url.includes('?') ? url.slice(url.indexOf('?')) : '')

const unique = (values: string[]): string[] => [...new Set(values)]

/**
 * Strict, with three doors: the page's own inline blocks by hash, the platform's H5 SDK by origin, and the platform's own
 * pages as the only frames around ours.
 */
function contentSecurityPolicy(
  inline: { scripts: string[]; styles: string[] },
  origins: { frame: string[]; script: string[] },
): string {
  return [
    "default-src 'none'",
    `script-src 'self' ${[...inline.scripts, ...origins.script].join(' ')}`,
    `style-src 'self' ${inline.styles.join(' ')}`,
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    `frame-ancestors ${["'self'", ...origins.frame].join(' ')}`,
  ].join('; ')
}

interface Page {
  bytes: Buffer
  encoding: 'br' | 'gzip' | null
  etag: string
  inlineHashes: { scripts: string[]; styles: string[] }
}

/** Reads index.html and its ready-made compressed twins once per build. */
function createPageReader(directory: string): { read(accepted: string | string[] | undefined): Page | null } {
  const file = join(directory, 'index.html')
  let built: { mtimeMs: number; variants: Page[] } | null = null
  const load = (): Page[] => {
    if (!existsSync(file)) return []
    const { mtimeMs } = statSync(file)
    if (built?.mtimeMs !== mtimeMs) built = { mtimeMs, variants: variantsOf(file) }
    return built.variants
  }
  return {
    read(accepted) {
      const header = String(accepted ?? '')
      return load().find(({ encoding }) => encoding === null || header.includes(encoding)) ?? null
    },
  }
}

function variantsOf(file: string): Page[] {
  const html = readFileSync(file)
  const text = html.toString('utf8')
  const hashes = (tag: 'script' | 'style'): string[] =>
    [...text.matchAll(new RegExp(`<${tag}(?![^>]*\\ssrc=)[^>]*>([\\s\\S]*?)</${tag}>`, 'g'))].map(
      ([, block]) =>
        `'sha256-${createHash('sha256')
          .update(block ?? '')
          .digest('base64')}'`,
    )
  const inlineHashes = { scripts: hashes('script'), styles: hashes('style') }
  const digest = createHash('sha256').update(html).digest('base64url').slice(0, 16)
  const compressed = (['br', 'gzip'] as const).flatMap((encoding) => {
    const twin = `${file}.${encoding === 'br' ? 'br' : 'gz'}`
    return existsSync(twin)
      ? [{ bytes: readFileSync(twin), encoding, etag: `"${digest}-${encoding}"`, inlineHashes }]
      : []
  })
  return [...compressed, { bytes: html, encoding: null, etag: `"${digest}"`, inlineHashes }]
}
