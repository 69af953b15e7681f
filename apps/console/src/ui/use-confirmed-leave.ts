import { ElMessageBox } from 'element-plus'
import { onMounted, onUnmounted } from 'vue'
import { onBeforeRouteLeave, onBeforeRouteUpdate } from 'vue-router'
import { t } from '../i18n/i18n.ts'

/**
 * Asks before something typed is lost, wherever the way leads; when the page is closed, the browser asks in its own words.
 * `discard`: it was given up.
 */
export function useConfirmedLeave(wouldLose: () => boolean, discard: () => void = () => undefined): void {
  async function mayLeave(): Promise<boolean> {
    if (!wouldLose()) return true
    const options = { confirmButtonText: t('notify.leave.discard'), cancelButtonText: t('notify.leave.stay') }
    try {
      await ElMessageBox.confirm(t('notify.leave.text'), t('notify.leave.title'), options)
    } catch {
      return false
    }
    discard()
    return true
  }
  onBeforeRouteUpdate(mayLeave)
  onBeforeRouteLeave(mayLeave)

  const askTheBrowser = (event: BeforeUnloadEvent): void => {
    if (wouldLose()) event.preventDefault()
  }
  onMounted(() => addEventListener('beforeunload', askTheBrowser))
  onUnmounted(() => removeEventListener('beforeunload', askTheBrowser))
}
