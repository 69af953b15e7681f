import { addTexts, type Catalogues } from '../i18n/i18n.ts'

/* The pages of the settings as one chunk, and their texts: apart from those of the first screen, which has to load fast. */

export { default as ChannelPage } from './ChannelPage.vue'
export { default as SettingsPage } from './SettingsPage.vue'

const texts: Catalogues = {
  'zh-CN': () => import('./messages/zh-CN.json'),
  en: () => import('./messages/en.json'),
  ja: () => import('./messages/ja.json'),
  ms: () => import('./messages/ms.json'),
  id: () => import('./messages/id.json'),
  ar: () => import('./messages/ar.json'),
}
export const loadTexts = (): Promise<void> => addTexts(texts)
