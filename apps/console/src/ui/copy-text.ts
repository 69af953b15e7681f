import { ElMessage } from 'element-plus'
import { t } from '../i18n/i18n.ts'

/** Puts a text on the clipboard, and says whether that worked. */
export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    ElMessage.success({ message: t('copy.done'), grouping: true })
  } catch {
    ElMessage.warning(t('copy.failed'))
  }
}
