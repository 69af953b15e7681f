import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type RequestHandler, type Response, Router } from 'express'
import expressStaticGzip from 'express-static-gzip'

/* How a built web app is served: its one page with a strict policy, its hashed files for ever. */

/** The page itself is asked for anew now and then; what it loads carries a hash and never changes. */
const pageMaxAgeS = 60
const assetMaxAgeS = 31_536_000

/** Origins that may frame a page, and from which it loads scripts. */
export interface PageOrigins {
  frame: readonly string[]
  script: readonly string[]
}

export interface WebApp {
  /** Answers with the page, or says that it is not built. */
  show(req: Parameters<RequestHandler>[0], res: Response, origins: PageOrigins): void
  /** Its files, to be mounted at the base of the app. */
  assets: Router
}

/** `name` is for whoever has not built it. */
export function createWebApp({ directory, name }: { directory: string; name: string }): WebApp {
  const page = createPageReader(directory)
  const assets = Router()
  assets.use(
    '/assets',
    mayBeKept,
    expressStaticGzip(join(directory, 'assets'), {
      enableBrotli: true,
      orderPreference: ['br', 'gz'],
      index: false,
      serveStatic: { immutable: true, maxAge: assetMaxAgeS * 1_000, fallthrough: true, dotfiles: 'ignore' },
    }),
  )
  return {
    assets,
    show(req, res, origins) {
      const html = page.read(req.headers['accept-encoding'])
      if (html === null) {
        res.status(503).type('text/plain').send(`${name} is not built: run \`pnpm build\`.`)
        return
      }
      res.setHeader('content-security-policy', contentSecurityPolicy(html.inlineHashes, origins))
      res.setHeader('cache-control', `private, max-age=${pageMaxAgeS}`)
      res.setHeader('vary', 'accept-encoding')
      res.setHeader('etag', html.etag)
      if (html.encoding !== null) res.setHeader('content-encoding', html.encoding)
      res.type('html')
      if (req.fresh) res.status(304).end()
      else res.send(html.bytes)
    },
  }
}

/** Static files say themselves how long they may be kept, but only where nobody has said so before. */
const mayBeKept: RequestHandler = (_req, res, next) => {
  res.removeHeader('cache-control')
  next()
}

/**
 * Strict, with three doors: the page's own inline blocks by hash, the platform's H5 SDK by origin, and the platform's own
 * pages as the only frames around ours.
 */
function contentSecurityPolicy(inline: { scripts: string[]; styles: string[] }, origins: PageOrigins): string {
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
