import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RouteName, routes } from '@countersign/contracts'
import type { Express } from 'express'
import { expect, it, onTestFinished } from 'vitest'
import { createApp } from '#server/app.ts'
import { loadConfig } from '#server/config/config.ts'
import { createContext } from '#server/context.ts'

type Layer = Express['router']['stack'][number]

/** Beside the contract: the documents themselves. */
const documents = ['/api/v1/openapi.json', '/api/app/openapi.json', '/api/docs', '/api/docs/', '/api/docs/start.js']

function endpointsOf(stack: readonly Layer[]): string[] {
  return stack.flatMap(({ route, handle }) => {
    if (route === undefined) return 'stack' in handle && Array.isArray(handle.stack) ? endpointsOf(handle.stack) : []
    const methods = route.stack.map(({ method }) => method.toUpperCase())
    return [route.path].flat().flatMap((path) => methods.map((method) => `${method} ${path}`))
  })
}

it('every endpoint of the contract is mounted once, and under /api nothing else', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  await using context = await createContext(loadConfig(folder, { DATA_DIR: folder, LOG_LEVEL: 'silent' }))
  const mounted = endpointsOf(createApp(context).router.stack).filter((each) => each.includes(' /api/'))
  const contract = (Object.keys(routes) as RouteName[]).map((name) => `${routes[name].method} ${routes[name].path}`)
  expect(mounted.sort()).toEqual([...contract, ...documents.map((path) => `GET ${path}`)].sort())
})
