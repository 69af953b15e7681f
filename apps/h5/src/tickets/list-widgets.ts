import '../ui/vant-theme.css'

/** What the list needs after the first paint, as one chunk. */
export { default as ListEnd } from './ListEnd.vue'
export { default as Refreshable } from './Refreshable.vue'
export { default as TicketSearch } from './TicketSearch.vue'
