import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { createRouter, createWebHashHistory, RouterView } from 'vue-router'

const router = createRouter({
  history: createWebHashHistory(),
  routes: [{ path: '/', component: () => import('./ListPage.vue') }],
})

createApp(RouterView).use(createPinia()).use(router).mount('#app')
