import type { ApiError } from '@countersign/api-client'

/** Why a text cannot be kept, and where. Lines and columns count from 1; null: it is about the whole. */
export interface TextProblem {
  part: 'title' | 'body'
  place: { line: number; column: number } | null
  message: string
}

const placed = /^line (\d+), column (\d+): (.*)$/s

/** What the server found wrong with title and body (`body`, or `draft.body` of a preview). */
export function textProblems({ fields }: ApiError): TextProblem[] {
  return fields.flatMap(({ path, message }): TextProblem[] => {
    const part = path.replace(/^draft\./, '')
    if (part !== 'title' && part !== 'body') return []
    const [, line, column, said] = placed.exec(message) ?? []
    if (said === undefined) return [{ part, place: null, message }]
    return [{ part, place: { line: Number(line), column: Number(column) }, message: said }]
  })
}

/** How many UTF-16 units come before a place of a text; the end where there is no such place. */
export function offsetOf(text: string, { line, column }: { line: number; column: number }): number {
  const before = text.split('\n').slice(0, line - 1)
  const start = before.reduce((length, each) => length + each.length + 1, 0)
  return Math.min(start + column - 1, text.length)
}
