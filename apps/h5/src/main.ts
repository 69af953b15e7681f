import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { warmUpApi } from './api.ts'
import { followPage, readHostSigns } from './bridge/index.ts'
import { hostedPage } from './hosted-page.ts'
import { chooseLocale, isAppLocale } from './i18n/choose-locale.ts'
import { i18n, useLocale } from './i18n/i18n.ts'
import { reloadWhenOutdated } from './reload-once.ts'
import { createAppRouter, openLinkedPage } from './router.ts'
import { useSession } from './session/session-store.ts'
import { notePaint, whenIdle } from './ui/when-idle.ts'

async function main(): Promise<void> {
  const app = createApp(App).use(createPinia()).use(i18n)
  const session = useSession()
  const chosen = window.__boot?.locale ?? ''
  const locale = isAppLocale(chosen)
    ? chosen
    : chooseLocale({ remembered: null, userAgent: navigator.userAgent, languages: navigator.languages })
  await useLocale(locale)
  const isShown = await session.showLastSeen()
  const started = session.start()
  // The skeleton of index.html stays on the screen until there is something true to show in its place.
  if (!isShown) await started
  openLinkedPage()
  const router = createAppRouter()
  app.use(router)
  if (session.stage.kind === 'ready') await router.isReady().catch(() => undefined)
  app.mount('#app')
  document.documentElement.removeAttribute('data-page')
  notePaint()
  whenIdle(warmUpApi)
  const page = hostedPage(router, () => session.stage.kind === 'ready')
  whenIdle(() => void followPage(page, readHostSigns()))
}

reloadWhenOutdated()
main().catch((error: unknown) => {
  // The page of last resort stands in index.html and needs nothing from here.
  document.documentElement.dataset.page = 'broken'
  throw error
})
