import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { createDefaultSeed } from './default-seed.ts'
import { startSandbox } from './sandbox.ts'
import { parseSeed } from './seed.ts'

const usage =
  'node apps/sandbox/src/main.ts [--port 8090] [--seed seed.json] [--callback-base http://localhost:8080] [--smtp-port 2525] [--data file.json] [--dingtalk-template template.json]'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '8090' },
    seed: { type: 'string' },
    'callback-base': { type: 'string', default: 'http://localhost:8080' },
    'smtp-port': { type: 'string', default: '2525' },
    data: { type: 'string' },
    'dingtalk-template': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(usage)
} else {
  const port = portOf('--port', values.port)
  const smtpPort = portOf('--smtp-port', values['smtp-port'])
  const seed =
    values.seed === undefined
      ? createDefaultSeed(values['callback-base'])
      : parseSeed(JSON.parse(readFileSync(values.seed, 'utf8')))
  const sandbox = await startSandbox({
    port,
    smtpPort,
    seed,
    ...(values.data === undefined ? {} : { dataFile: values.data }),
  })
  const template = values['dingtalk-template']
  if (template !== undefined) {
    for (const { appKey } of parseSeed(seed).dingtalkApps) {
      const id = sandbox.dingtalk.importTemplate(appKey, readFileSync(template, 'utf8'))
      console.log(`Card template of ${appKey}: ${id}`)
    }
  }
  console.log(`Phones:  http://localhost:${sandbox.port}`)
  console.log(`Lark:    ${sandbox.baseUrl('lark')}`)
  console.log(`Feishu:  ${sandbox.baseUrl('feishu')}`)
  const { apiUrl, oapiUrl, loginUrl } = sandbox.dingtalk
  console.log(`DingTalk: ${apiUrl}, ${oapiUrl}, ${loginUrl}`)
  console.log(`WeCom:   ${sandbox.wecom.url}`)
  console.log(`SMS:     ${sandbox.sms.endpoint}`)
  console.log(`Mail:    smtp://${sandbox.mail.host}:${sandbox.mail.port}`)
  console.log(`OpenID:  ${sandbox.openid.issuer}`)
  for (const { id } of sandbox.webhooks.receivers()) console.log(`Webhook: ${sandbox.webhooks.url(id)}`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void sandbox.close())
}

function portOf(option: string, text: string): number {
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${option} must be 0 to 65535, not ${text}`)
  return port
}
