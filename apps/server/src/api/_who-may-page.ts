import {
  type Endpoint,
  endpoints,
  type RouteName,
  relations,
  routes,
  type WhoMay,
  whoMay,
} from '@countersign/contracts'
import { whoMayWords } from './who-may-words.ts'

const introduction = `# Who may

Of every endpoint: who may call it, and what others get. Made from \`packages/contracts/src/who-may.ts\`, by which the server
refuses and the console leaves out what would be refused; \`npx -y pnpm@12 exec vitest run apps/server/src/api -u\` makes it
anew. \`tests/wire/who-may.test.ts\` tries every endpoint with everybody: each role, everybody who has to do with a ticket,
keys with and without the scope, those whose session or key is no more, and the same of another tenant.

- Without a session, also of somebody disabled: 401 \`no_session\`. Without a key that is good: 401 \`unauthorized\`. A key is no
  session, and a session no key.
- What is another tenant's is as if there were none: 404 \`not_found\`, in the same words. So is a ticket to whom it does not
  concern.
- Nothing of a body or query is looked at before it is known that the caller may; a refused call changes nothing. A refused
  decision is in the audit.
- A change that did not come from our own page is refused, whoever is logged in: 403 \`csrf\`.
- Tickets are read by their submitter, their approvers once it has come to them, cc, owners, and the roles \`admin\`, \`dba\`
  and \`security_admin\`.
`

function others({ by, roles, of, as }: WhoMay & { roles?: unknown }): string {
  if (by === 'anybody') return ''
  if (by === 'key') return '403 `missing_scope`'
  if (as === undefined) return roles === 'everybody' ? '' : '403 `forbidden`'
  if (as === 'reader' && roles !== 'everybody') return '403 `forbidden`'
  const said = { not_found: '404 `not_found`', forbidden: '403 `forbidden`', refusal: '409, with the reason' }
  const known = said[relations[as].others]
  return of === 'ticket' && as !== 'reader' ? `${known}; 404 \`not_found\` to whoever may not read it` : known
}

function row(name: RouteName): string {
  const { method, path } = routes[name]
  const { summary }: Endpoint = endpoints[name]
  const address = path.replaceAll(/:(\w+)/g, '{$1}')
  return `| \`${method} ${address}\` | ${summary} | ${whoMayWords(whoMay[name])} | ${others(whoMay[name])} |`
}

function table(title: string, by: WhoMay['by']): string {
  const names = (Object.keys(routes) as RouteName[]).filter((name) => whoMay[name].by === by)
  return [`## ${title}`, '', '| endpoint | | who may | others |', '|---|---|---|---|', ...names.map(row), ''].join('\n')
}

/** docs/who-may.md as it is to be. */
export const whoMayPage = (): string =>
  [
    introduction,
    table('Logged in, in the H5 app and the console', 'session'),
    table('With an API key', 'key'),
    table('Before a log-in', 'anybody'),
  ].join('\n')
