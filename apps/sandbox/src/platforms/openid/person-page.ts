import type { OpenidAccount } from './seed.ts'

/** The page on which somebody says which account is theirs. */
export function renderPersonPage(accounts: readonly OpenidAccount[]): string {
  const rows = accounts.map(
    ({
      id,
      name,
      email,
    }) => `<a class="person" data-person="${escapeHtml(id)}" href="?account=${encodeURIComponent(id)}">
      <span class="avatar">${escapeHtml(name.slice(0, 1))}</span>
      <span>${escapeHtml(name)}<small>${escapeHtml(email ?? id)}</small></span></a>`,
  )
  return page(
    'Company account',
    `<h1>Company account</h1><p>Countersign wants to know who you are. Continue as:</p>${rows.join('\n')}
     <a class="deny" href="?deny=1">Refuse</a>`,
  )
}

/** Where a wrong request ends: nothing is redirected, as the address is not trusted. */
export function renderRefusal(error: string, description: string): string {
  return page('Log-in failed', `<h1>Log-in failed</h1><p>${escapeHtml(error)}: ${escapeHtml(description)}</p>`)
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><title>${escapeHtml(title)}</title><style>${style}</style><main>${body}</main></html>`
}

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: light-dark(#eef1f6, #16181d); }
main { width: min(340px, 86vw); padding: 28px 24px; border-radius: 14px; background: light-dark(#fff, #24272e); box-shadow: 0 8px 32px #0002; }
h1 { margin: 0 0 4px; font-size: 20px; } p { margin: 0 0 16px; color: light-dark(#5b6270, #a8afbb); }
a { color: inherit; text-decoration: none; } small { display: block; color: light-dark(#5b6270, #a8afbb); }
.person { display: flex; gap: 12px; align-items: center; min-height: 52px; padding: 4px 8px; border-radius: 10px; }
.person:hover, .person:focus-visible { background: light-dark(#eef1f6, #343842); }
.avatar { flex: none; width: 34px; height: 34px; border-radius: 50%; background: #2a4fd6; color: #fff; display: grid; place-items: center; font-weight: 600; }
.deny { display: block; margin-top: 16px; text-align: center; color: light-dark(#5b6270, #a8afbb); }
`

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
