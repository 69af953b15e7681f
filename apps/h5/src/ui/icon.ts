import { type FunctionalComponent, h, type PropType } from 'vue'
import { type IconName, iconPaths } from './icon-paths.ts'

/** A line icon. Always decoration: what it means stands in text or in the name of the button around it. */
export const Icon: FunctionalComponent<{ name: IconName; flip?: boolean }> = ({ name, flip }) =>
  h('svg', { class: flip ? 'icon icon-flip' : 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true' }, [
    h('path', { d: iconPaths[name] }),
  ])
Icon.props = { name: { type: String as PropType<IconName>, required: true }, flip: Boolean }
