import 'element-plus/dist/index.css'
import 'element-plus/theme-chalk/dark/css-vars.css'
import './ui/theme.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { firstLocale } from './i18n/choose-locale.ts'
import { i18n, useLocale } from './i18n/i18n.ts'
import { createConsoleRouter } from './router.ts'
import { followScheme } from './ui/scheme.ts'

followScheme()
await useLocale(firstLocale())
createApp(App).use(createPinia()).use(i18n).use(createConsoleRouter()).mount('#app')
