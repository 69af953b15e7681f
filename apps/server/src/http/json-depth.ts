/** Deeper JSON is refused: JSON.parse takes it, but writers of logs, hashes and audit would overflow on it. */
export const maxJsonDepth = 32

/** Whether a parsed JSON value nests no deeper than `limit`. Iterative, so that the check itself cannot overflow. */
export function isShallow(value: unknown, limit = maxJsonDepth): boolean {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth += 1) {
    const containers = level.filter((item): item is object => typeof item === 'object' && item !== null)
    if (depth === limit && containers.length > 0) return false
    level = containers.flatMap((container) => Object.values(container))
  }
  return true
}
