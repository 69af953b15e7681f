import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createMockApi, type MockDelays } from './mock-api.ts'
import { sendFile } from './static-files.ts'

const base = '/console/mobile/index/'

/** Serves a build with the stand-in API beside it; ends with the returned function. */
export async function serveBuild(options: {
  root: string
  port: number
  encoding: 'br' | 'gzip'
  withPolicy: boolean
  /** How long a browser may keep the page itself; the real server says 60. */
  cacheSeconds?: number
  delays: MockDelays
}): Promise<{ origin: string; close: () => Promise<void> }> {
  const api = createMockApi(options.delays)
  const server = createServer(async (request, response) => {
    if (await api(request, response)) return
    const path = (request.url ?? '').split('?')[0] ?? ''
    if (!path.startsWith(base)) response.writeHead(404).end()
    else
      await sendFile(
        response,
        options.root,
        path.slice(base.length),
        options.encoding,
        options.withPolicy,
        options.cacheSeconds ?? 60,
      )
  })
  await new Promise<void>((resolve) => server.listen(options.port, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = fileURLToPath(new URL('../dist', import.meta.url))
  const { origin } = await serveBuild({
    root,
    port: 8081,
    encoding: 'br',
    withPolicy: true,
    delays: { listMs: 60, loginMs: 120 },
  })
  process.stdout.write(`${origin}${base}  (cookies: person=wei, locale=en, problem=not_bound, empty=1)\n`)
}
