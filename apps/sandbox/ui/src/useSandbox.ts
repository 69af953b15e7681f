import { onScopeDispose, reactive, shallowReactive } from 'vue'
import type { Change } from '../../src/changes.ts'
import type { WireEntry } from '../../src/wire.ts'
import { api, type SandboxState, type ShownMessage } from './api.ts'
import { createInboxes } from './useInboxes.ts'

/** A toast on somebody's phone; `id` makes two equal ones two. */
export interface ShownToast {
  id: number
  type: string
  text: string
}

const KEPT_WIRE = 500
/** After which the phones' groups, short messages and mail may have changed. */
const inboxKinds: Change['kind'][] = ['group', 'sms', 'mail', 'reset']
const TOAST_MS = 3_500

/** The sandbox as the page sees it: loaded once, then kept equal by server-sent events. */
export function useSandbox() {
  const state = reactive<SandboxState & { isReady: boolean; error: string; webhookChanges: number }>({
    isReady: false,
    error: '',
    /** Counts what has happened at webhook receivers, for whoever shows them. */
    webhookChanges: 0,
    now: Date.now(),
    offsetMs: 0,
    people: [],
    apps: [],
    actions: [],
    faults: [],
    faultKinds: [],
  })
  // Cards are compared by identity (an element is found in its card), so nothing here may become a proxy.
  const chats = shallowReactive(new Map<string, ShownMessage[]>())
  const { toasts, showToast } = createToasts()
  const wire = createWireFeed()
  const inboxes = createInboxes()

  const loadState = async () => {
    try {
      Object.assign(state, await api.state(), { isReady: true, error: '' })
    } catch (error) {
      state.error = error instanceof Error ? error.message : String(error)
    }
  }
  /** How often each phone's chat was asked for. */
  const asked = new Map<string, number>()
  /** What was asked for earlier may be answered later: only the newest answer is shown. */
  const loadChat = async (personId: string) => {
    const turn = (asked.get(personId) ?? 0) + 1
    asked.set(personId, turn)
    const { messages } = await api.chat(personId)
    if (asked.get(personId) === turn) chats.set(personId, messages)
  }
  const loadChats = () => {
    for (const personId of asked.keys()) void loadChat(personId)
  }
  const take = (changes: Change[]) => {
    const kinds = new Set(changes.map(({ kind }) => kind))
    for (const change of changes) {
      if (change.kind === 'toast') showToast(change.personId, change.toast.type, change.toast.text)
    }
    const touched = new Set(changes.flatMap((change) => (change.kind === 'message' ? change.personId : [])))
    // Also while the first answer is awaited, which may be older than this.
    for (const personId of touched) if (asked.has(personId)) void loadChat(personId)
    if (inboxKinds.some((kind) => kinds.has(kind))) inboxes.refresh()
    if (kinds.has('webhook') || kinds.has('reset')) state.webhookChanges += 1
    if (kinds.has('reset')) {
      wire.clear()
      loadChats()
    }
    if (kinds.has('faults') || kinds.has('clock') || kinds.has('reset')) void loadState()
    if (kinds.has('wire')) wire.refresh()
  }

  const events = new EventSource('/_sandbox/live')
  events.onopen = () => {
    void loadState()
    loadChats()
    inboxes.refresh()
  }
  events.onmessage = (event) => take(JSON.parse(event.data))
  const tick = setInterval(() => {
    state.now = Date.now() + state.offsetMs
  }, 1_000)
  onScopeDispose(() => {
    events.close()
    clearInterval(tick)
  })
  return { state, chats, toasts, wire, inboxes, loadChat, showToast }
}

function createToasts() {
  const toasts = shallowReactive(new Map<string, ShownToast>())
  let lastToast = 0
  const showToast = (personId: string, type: string, text: string) => {
    lastToast += 1
    const toast = { id: lastToast, type, text }
    toasts.set(personId, toast)
    setTimeout(() => {
      if (toasts.get(personId)?.id === toast.id) toasts.delete(personId)
    }, TOAST_MS)
  }
  return { toasts, showToast }
}

/** The newest part of the wire log; it is fetched only while somebody looks. */
function createWireFeed() {
  const feed = shallowReactive<{ entries: WireEntry[] }>({ entries: [] })
  let isWanted = false
  let isLoading = false
  let isStale = false

  const refresh = async () => {
    // One at a time: two answers to the same question would show every entry twice.
    isStale = true
    if (isLoading || !isWanted) return
    isLoading = true
    try {
      while (isStale) {
        isStale = false
        const { entries } = await api.wire(feed.entries.at(-1)?.id ?? 0)
        if (entries.length > 0) feed.entries = [...feed.entries, ...entries].slice(-KEPT_WIRE)
      }
    } finally {
      isLoading = false
    }
  }
  return {
    feed,
    refresh: () => void refresh(),
    clear: () => {
      feed.entries = []
    },
    want: (wanted: boolean) => {
      isWanted = wanted
      if (wanted) void refresh()
    },
  }
}

export type SandboxView = ReturnType<typeof useSandbox>
