import type { Reply } from '#sandbox/platforms/dingtalk/api.ts'
import type { DingtalkApp, Person } from '#sandbox/world.ts'

/**
 * The page on which a browser says who it is. Inside a phone's web view the client knows that already: the phone tells
 * by the frame's name, and the page is skipped.
 */
export function renderLoginPage(app: DingtalkApp, people: Person[], query: URLSearchParams): Reply {
  const link = (key: string, value: string) => {
    const next = new URLSearchParams(query)
    next.set(key, value)
    return `?${escapeHtml(next.toString())}`
  }
  const rows = people.map(
    (person) => `<a class="person" data-person="${escapeHtml(person.id)}" href="${link('sandbox_person', person.id)}">
      <span class="avatar" style="background:${escapeHtml(person.avatarColor ?? '#0089ff')}">${escapeHtml(person.name.slice(0, 1))}</span>
      <span>${escapeHtml(person.name)}</span></a>`,
  )
  const nobody = '<p>No account of this kind exists in this sandbox.</p>'
  return page(
    '登录钉钉 · Log in with DingTalk',
    `<h1>${escapeHtml(app.name)}</h1><p>申请使用你的钉钉账号登录<br>wants to know who you are on DingTalk. Continue as:</p>
     ${rows.length === 0 ? nobody : rows.join('\n')}
     <a class="deny" href="${link('sandbox_deny', '1')}">拒绝 · Refuse</a>
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
export function renderLoginError(message: string): Reply {
  return page('登录失败 · Log-in failed', `<h1>登录失败 · Log-in failed</h1><p>${escapeHtml(message)}</p>`, 400)
}

function page(title: string, body: string, status = 200): Reply {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
    body: `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><title>${escapeHtml(title)}</title><style>${style}</style><main>${body}</main></html>`,
  }
}

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#f2f4f7, #17181a); }
main { width: min(320px, 86vw); padding: 28px 24px; border-radius: 12px; border-top: 4px solid #0089ff;
  background: light-dark(#fff, #26282b); box-shadow: 0 8px 32px #0002; }
h1 { margin: 0 0 4px; font-size: 20px; } p { margin: 0 0 16px; color: light-dark(#65696f, #a3a6ab); }
a { color: inherit; text-decoration: none; }
.person { display: flex; gap: 12px; align-items: center; min-height: 48px; padding: 4px 8px; border-radius: 8px; }
.person:hover, .person:focus-visible { background: light-dark(#eef5ff, #35383d); }
.avatar { width: 34px; height: 34px; border-radius: 8px; color: #fff; display: grid; place-items: center; font-weight: 600; }
.deny { display: block; margin-top: 16px; text-align: center; color: light-dark(#65696f, #a3a6ab); }
`

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
