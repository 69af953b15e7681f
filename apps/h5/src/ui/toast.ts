import { loadToast } from '../lazy.ts'

/** A short word at the bottom of the page that goes by itself; its code comes when it is first needed. */
export async function toast(message: string): Promise<void> {
  const { showToast } = await loadToast()
  showToast({ message, position: 'bottom' })
}
