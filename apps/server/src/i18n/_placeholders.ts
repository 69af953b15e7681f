import { IntlMessageFormat } from 'intl-messageformat'

/** Names of the values a message takes, found by the ICU parser itself. */
export function placeholders(message: string): string[] {
  const names = new Set<string>()
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item)
    else if (typeof value === 'object' && value !== null) {
      const node = value as { type?: unknown; value?: unknown; options?: unknown }
      if (typeof node.type === 'number' && node.type !== 0 && typeof node.value === 'string') names.add(node.value)
      if (node.options !== undefined) for (const option of Object.values(node.options as object)) visit(option)
      if ('value' in node && typeof node.value === 'object') visit(node.value)
    }
  }
  visit(new IntlMessageFormat(message, 'en', undefined, { ignoreTag: true }).getAst())
  return [...names].sort()
}
