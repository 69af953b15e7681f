import { onMounted, watch } from 'vue'

/** Says on the field itself what is wrong with it: Vant puts attributes that it does not know on the box around it. */
export function useFieldAttributes(id: string, attributes: () => Record<string, string>): void {
  const apply = () => {
    const field = document.getElementById(id)
    for (const [name, value] of Object.entries(attributes())) field?.setAttribute(name, value)
  }
  onMounted(apply)
  watch(attributes, apply, { flush: 'post' })
}
