import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}
const encodings = { br: '.br', gzip: '.gz' } as const

/** The policy that the real server sends: inline blocks by their hashes, nothing else inline, nothing evaluated. */
export function contentSecurityPolicy(html: string): string {
  const hashes = (tag: string) =>
    [...html.matchAll(new RegExp(`<${tag}>([\\s\\S]*?)</${tag}>`, 'g'))]
      .map(([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
      .join(' ')
  return [
    "default-src 'self'",
    `script-src 'self' ${hashes('script')}`,
    `style-src 'self' ${hashes('style')}`,
    "connect-src 'self'",
    "img-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
  ].join('; ')
}

/** Sends a built file with the given encoding and a cache lifetime as in production. */
export async function sendFile(
  response: ServerResponse,
  root: string,
  path: string,
  encoding: keyof typeof encodings,
  withPolicy: boolean,
  cacheSeconds: number,
): Promise<void> {
  const name = path === '' ? 'index.html' : normalize(path)
  const file = join(root, name)
  try {
    if (name.startsWith('..')) throw new Error('outside')
    const body = await readFile(`${file}${encodings[encoding]}`)
    const isPage = name === 'index.html'
    response.writeHead(200, {
      'content-type': types[extname(name)] ?? 'application/octet-stream',
      'content-encoding': encoding,
      'cache-control': isPage ? `private, max-age=${cacheSeconds}` : 'public, max-age=31536000, immutable',
      vary: 'accept-encoding',
      ...(isPage && withPolicy
        ? { 'content-security-policy': contentSecurityPolicy(await readFile(file, 'utf8')) }
        : {}),
    })
    response.end(body)
  } catch {
    response.writeHead(404).end()
  }
}
