import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import express, { Router } from 'express'
import { openApiDocument, pagesOpenApiDocument } from '#server/api/openapi.ts'

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Countersign API</title>
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
`
const start = `SwaggerUIBundle({ url: '/api/v1/openapi.json', dom_id: '#swagger-ui', deepLinking: true })\n`
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** The OpenAPI documents of the REST API and of our pages, and the former to read. Public: it says nothing about any tenant. */
export function apiDocsRouter(publicUrl: string): Router {
  const router = Router()
  const document = JSON.stringify(openApiDocument(publicUrl))
  const pagesDocument = JSON.stringify(pagesOpenApiDocument(publicUrl))
  const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
  router.get('/api/v1/openapi.json', (_req, res) => void res.type('json').send(document))
  router.get('/api/app/openapi.json', (_req, res) => void res.type('json').send(pagesDocument))
  router.get('/api/docs/start.js', (_req, res) => void res.type('js').send(start))
  router.get(['/api/docs', '/api/docs/'], (_req, res) => {
    res.setHeader('content-security-policy', policy)
    res.type('html').send(page)
  })
  router.use('/api/docs', express.static(assets, { index: false, maxAge: 3_600_000, dotfiles: 'ignore' }))
  return router
}
