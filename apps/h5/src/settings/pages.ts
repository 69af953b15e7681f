import { addTexts, type Catalogues } from '../i18n/i18n.ts'

/* The pages of the settings as one chunk, and their texts: apart from those of the first screen, which has to load fast. */

export { default as ChannelPage } from './ChannelPage.vue'
export { default as SettingsPage } from './SettingsPage.vue'

const texts: Catalogues = {
  'zh-CN': () => import('@countersign/notification-settings/messages/zh-CN.json'),
  en: () => import('@countersign/notification-settings/messages/en.json'),
  ja: () => import('@countersign/notification-settings/messages/ja.json'),
  ms: () => import('@countersign/notification-settings/messages/ms.json'),
  id: () => import('@countersign/notification-settings/messages/id.json'),
  ar: () => import('@countersign/notification-settings/messages/ar.json'),
}
export const loadTexts = (): Promise<void> => addTexts(texts)
