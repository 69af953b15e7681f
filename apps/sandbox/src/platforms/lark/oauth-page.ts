import type { App, Person } from '#sandbox/world.ts'
import type { Reply } from './api.ts'

const brandNames = { lark: 'Lark', feishu: 'Feishu' }

/**
 * The page on which a browser says who it is. Inside a phone's web view the client knows that already and the page
 * is skipped (get-authorization-code.md): the phone tells by the frame's name.
 */
export function renderAuthorizePage(app: App, people: Person[], query: URLSearchParams): Reply {
  const own = people.filter((person) => person.platform === app.platform && person.tenantKey === app.tenantKey)
  const link = (key: string, value: string) => {
    const next = new URLSearchParams(query)
    next.set(key, value)
    return `?${escapeHtml(next.toString())}`
  }
  const rows = own.map(
    (person) => `<a class="person" data-person="${escapeHtml(person.id)}" href="${link('sandbox_person', person.id)}">
      <span class="avatar" style="background:${escapeHtml(person.avatarColor ?? '#3370ff')}">${escapeHtml(person.name.slice(0, 1))}</span>
      <span>${escapeHtml(person.name)}</span></a>`,
  )
  const brand = brandNames[app.platform]
  return page(
    `Log in with ${brand}`,
    `<h1>${escapeHtml(app.name)}</h1><p>wants to know who you are on ${brand}. Continue as:</p>
     ${rows.join('\n')}
     <a class="deny" href="${link('sandbox_deny', '1')}">Refuse</a>
     <script>
       const phone = /^sandbox-phone:([a-z0-9_-]+)(?:\\|(.+))?$/.exec(window.name)
       if (phone) {
         const next = new URLSearchParams(location.search)
         next.set('sandbox_person', phone[1])
         if (phone[2]) next.set('sandbox_view', phone[2])
         location.replace('?' + next)
       }
     </script>`,
  )
}

/** The page a wrong request ends on; nothing is redirected, as the address is not trusted. */
export function renderAuthorizeError(code: number, message: string): Reply {
  return page('Log-in failed', `<h1>Log-in failed</h1><p>code ${code}, ${escapeHtml(message)}</p>`, 400)
}

function page(title: string, body: string, status = 200): Reply {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
    body: `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><title>${escapeHtml(title)}</title><style>${style}</style><main>${body}</main></html>`,
  }
}

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f5f6f7, #1a1a1a); }
main { width: min(320px, 86vw); padding: 28px 24px; border-radius: 14px; background: light-dark(#fff, #292929); box-shadow: 0 8px 32px #0002; }
h1 { margin: 0 0 4px; font-size: 20px; } p { margin: 0 0 16px; color: light-dark(#646a73, #a6a6a6); }
a { color: inherit; text-decoration: none; }
.person { display: flex; gap: 12px; align-items: center; min-height: 48px; padding: 4px 8px; border-radius: 10px; }
.person:hover, .person:focus-visible { background: light-dark(#eff0f1, #3a3a3a); }
.avatar { width: 34px; height: 34px; border-radius: 50%; color: #fff; display: grid; place-items: center; font-weight: 600; }
.deny { display: block; margin-top: 16px; text-align: center; color: light-dark(#646a73, #a6a6a6); }
`

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
