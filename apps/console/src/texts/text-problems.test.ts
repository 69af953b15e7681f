import { ApiError } from '@countersign/api-client'
import { describe, expect, it } from 'vitest'
import { offsetOf, textProblems } from './text-problems.ts'

const refusal = (fields: { path: string; message: string }[]): ApiError =>
  new ApiError({ status: 422, code: 'invalid_request', detail: '', fields })

describe('what is wrong with a text', () => {
  it('is told with its line and column, of a draft too', () => {
    const fields = [
      { path: 'title', message: 'line 1, column 3: undefined filter: shout' },
      { path: 'draft.body', message: 'line 2, column 4: there is no variable nope' },
    ]
    expect(textProblems(refusal(fields))).toEqual([
      { part: 'title', place: { line: 1, column: 3 }, message: 'undefined filter: shout' },
      { part: 'body', place: { line: 2, column: 4 }, message: 'there is no variable nope' },
    ])
  })

  it('may have no place, and is nothing where it is about something else', () => {
    const fields = [
      { path: 'body', message: 'says nothing with the sample' },
      { path: 'kind', message: 'is not said through lark' },
    ]
    expect(textProblems(refusal(fields))).toEqual([
      { part: 'body', place: null, message: 'says nothing with the sample' },
    ])
  })
})

describe('a place in a text', () => {
  it('is found by line and column', () => {
    const text = 'first\nsecond {{ nope }}'
    expect(text.slice(offsetOf(text, { line: 2, column: 8 }))).toBe('{{ nope }}')
    expect(offsetOf(text, { line: 1, column: 1 })).toBe(0)
  })

  it('that is not there is the end', () => {
    expect(offsetOf('ab', { line: 7, column: 9 })).toBe(2)
  })
})
