/**
 * Every part of the app that loads on demand, in one place. All of them are named from the first chunk: then the
 * bundler knows that whatever they share with it is already there, and the first screen stays one file.
 */
export const loadTicketPage = () => import('./tickets/TicketPage.vue')
export const loadListWidgets = () => import('./tickets/list-widgets.ts')
export const loadDecisionSheet = () => import('./tickets/DecisionSheet.vue')
export const loadTextSheet = () => import('./tickets/TextSheet.vue')
export const loadAccountSheet = () => import('./session/AccountSheet.vue')
export const loadLoginPage = () => import('./session/LoginPage.vue')
/** The texts first: a page must not show the name of a text in its place. */
export const loadSettings = async () => {
  const pages = await import('./settings/pages.ts')
  await pages.loadTexts()
  return pages
}
export const loadToast = () => import('./ui/vant-toast.ts')
