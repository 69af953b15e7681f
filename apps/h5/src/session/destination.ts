/**
 * Where the person wanted to go, kept while they are on the platform's log-in page. A log-in that ends well brings it
 * back from the server; one that was refused comes back without, and the ticket of the card would be forgotten.
 */
export interface Destination {
  keep: (query: string) => void
  /** Empty when nothing was kept. */
  take: () => string
}

/** `storage` is asked for each time: a web view may refuse even to name it. Then nothing is kept, and the list opens. */
export function createDestination(
  storage: () => Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>,
  key = 'countersign.destination',
): Destination {
  return {
    keep: (query) => {
      try {
        storage().setItem(key, query)
      } catch {
        // Without storage the log-in itself still works.
      }
    },
    take: () => {
      try {
        const query = storage().getItem(key) ?? ''
        storage().removeItem(key)
        return query
      } catch {
        return ''
      }
    },
  }
}
