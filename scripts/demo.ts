import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startSandbox } from '@countersign/sandbox'
import { ConfigError, startServer } from '@countersign/server'
import { cardTemplate } from './demo/card-template.ts'
import { demoProvisioning, demoSandboxSeed } from './demo/people.ts'
import { seedDemo, submitAnother } from './demo/seed.ts'
import { desktopConsole, ensureBuilt, h5, phones } from './front-end.ts'
import { stopWithLauncher } from './launcher.ts'
import { root } from './workspace.ts'

/*
 * Server and simulated platforms with a seeded tenant, on loopback, with data in .demo/. The two share this process and
 * nothing else: they talk over HTTP, as in life.
 */

const serverUrl = 'http://localhost:8080'
const sandboxUrl = 'http://localhost:8090'

const { values } = parseArgs({ options: { reset: { type: 'boolean', default: false } } })
const data = join(root, '.demo')
if (values.reset) rmSync(data, { recursive: true, force: true })
mkdirSync(data, { recursive: true })
await ensureBuilt(h5)
await ensureBuilt(desktopConsole)
await ensureBuilt(phones)

const sandbox = await startSandbox({
  port: 8090,
  host: 'localhost',
  seed: demoSandboxSeed(serverUrl, await cardTemplate(data)),
  dataFile: join(data, 'sandbox.json'),
  actions: [{ id: 'submit-another', label: 'Submit another ticket', run: submitAnother(serverUrl) }],
})
// Its certificate is its own, which the server rightly refuses: on this machine mail goes without.
sandbox.mail.settings.startTls = 'hide'
const provisioning = join(data, 'provisioning.json')
writeFileSync(provisioning, JSON.stringify(demoProvisioning(sandboxUrl, sandbox.mail.smtpUrl), null, 2))
const { PATH = '', HOME = '' } = process.env
const server = await startServer({
  folder: data,
  variables: {
    PATH,
    HOME,
    PORT: '8080',
    DATA_DIR: data,
    PROVISIONING_FILE: provisioning,
    REGION: 'ap-southeast-1',
    LOG_LEVEL: 'warn',
  },
}).catch(async (error: unknown) => {
  await sandbox.close()
  if (!(error instanceof ConfigError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(1)
})

const stop = async (): Promise<void> => {
  await server.stop()
  await sandbox.close()
  process.exit(0)
}
let isStopping = false
// A signal to the group comes more than once: launchers pass on what they get.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (isStopping) return
    isStopping = true
    void stop()
  })
}
stopWithLauncher()

console.log(`
  1. Open ${sandboxUrl}/?person=alice&person2=chenwei : two phones, Alice on Lark and 陈伟 on Feishu (person=haiyan: DingTalk).
  2. Tap Approve on a card; reject one with a reason; open Review on a high-risk one and decide in the H5 app.
  3. Look at Mail, SMS and the groups on the phones; tap "Submit another ticket", or POST to ${serverUrl}/api/v1/tickets
     (documented at ${serverUrl}/api/docs).
  4. Open ${serverUrl}/console/ on the desktop and log in as Alice, who is an administrator: with Lark, with her company
     account, or by a code to alice@acme.example, which is in Mail on her phone.
`)
const { submitted } = await seedDemo({ url: serverUrl, sandbox })
if (submitted > 0) console.log(`  ${submitted} tickets were submitted; their cards are on the phones.\n`)
