import { expect, it } from 'vitest'
import { createDestination } from './destination.ts'

function memory() {
  const values = new Map<string, string>()
  return {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
    removeItem: (key: string) => void values.delete(key),
  }
}

it('keeps where the person wanted to go until it is taken, once', () => {
  const storage = memory()
  createDestination(() => storage).keep('?t=acme&c=lark&ticket=1')
  const back = createDestination(() => storage)
  expect(back.take()).toBe('?t=acme&c=lark&ticket=1')
  expect(back.take()).toBe('')
})

it('does without storage where a web view has none', () => {
  const destination = createDestination(() => {
    throw new Error('SecurityError')
  })
  destination.keep('?ticket=1')
  expect(destination.take()).toBe('')
})
