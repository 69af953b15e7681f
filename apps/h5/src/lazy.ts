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
export const loadToast = () => import('./ui/vant-toast.ts')
