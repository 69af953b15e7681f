import { afterEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { hostedPage } from './hosted-page.ts'

const component = { render: () => null }

async function open(path: string, isReady = true) {
  const history = createMemoryHistory()
  const router = createRouter({
    history,
    routes: [
      { path: '/', name: 'list', component },
      { path: '/ticket/:id', name: 'ticket', component },
    ],
  })
  await router.push(path)
  return { router, history, page: hostedPage(router, () => isReady) }
}

afterEach(() => void vi.unstubAllGlobals())

describe('going back', () => {
  it('leaves from the list, whatever lies before it', async () => {
    const { router, page } = await open('/ticket/tk_1')
    await router.push('/')
    expect(page.goBack()).toBe(false)
  })

  it('leads from a ticket to the list when there is nothing behind it', async () => {
    const { router, page } = await open('/ticket/tk_1')
    expect(page.goBack()).toBe(true)
    await vi.waitFor(() => expect(router.currentRoute.value.name).toBe('list'))
  })

  it('leaves while nobody is logged in, since the route is not what is on the screen', async () => {
    const { page } = await open('/ticket/tk_1', false)
    expect(page.goBack()).toBe(false)
  })
})

it('the title is told at once and on every change', () => {
  const told: string[] = []
  let change = (): void => undefined
  vi.stubGlobal('document', { title: 'Approvals', head: {} })
  vi.stubGlobal(
    'MutationObserver',
    class {
      constructor(callback: () => void) {
        change = callback
      }
      observe() {}
    },
  )
  const page = hostedPage({} as Parameters<typeof hostedPage>[0], () => true)
  page.watchTitle((title) => told.push(title))
  document.title = 'Drop a column'
  change()
  expect(told).toEqual(['Approvals', 'Drop a column'])
})
