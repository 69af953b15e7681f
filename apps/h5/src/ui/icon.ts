import { type FunctionalComponent, h, type PropType } from 'vue'
import { type IconName, iconPaths } from './icon-paths.ts'

/** Any path on the same grid, drawn as our icons are. */
export const drawIcon = (path: string, flip = false) =>
  h('svg', { class: flip ? 'icon icon-flip' : 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true' }, [
    h('path', { d: path }),
  ])

/** A line icon. Always decoration: what it means stands in text or in the name of the button around it. */
export const Icon: FunctionalComponent<{ name: IconName; flip?: boolean }> = ({ name, flip }) =>
  drawIcon(iconPaths[name], flip)
Icon.props = { name: { type: String as PropType<IconName>, required: true }, flip: Boolean }
