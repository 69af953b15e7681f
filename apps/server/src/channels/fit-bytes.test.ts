import { describe, expect, it } from 'vitest'
import { fitBytes } from './fit-bytes.ts'

describe('a text that must fit', () => {
  it('stays as it is where it does', () => {
    expect(fitBytes('数据', 6, 'cut')).toBe('数据')
  })

  it('keeps whole lines and says that some are missing', () => {
    expect(fitBytes('one\ntwo\nthree four five six', 20, '(cut)')).toBe('one\ntwo\n\n(cut)')
  })

  it('keeps the beginning of a first line that is too long', () => {
    expect(fitBytes('a'.repeat(100), 20, '(cut)')).toBe(`${'a'.repeat(13)}\n\n(cut)`)
  })

  it.each(['数', '😀', 'é', '👩‍👩‍👧‍👦', 'a\u0301'])(
    'is cut between characters, whatever they take (%s)',
    (character) => {
      for (let bytes = 0; bytes < 120; bytes += 1) {
        const fitted = fitBytes(character.repeat(60), bytes, '…')
        expect(Buffer.byteLength(fitted)).toBeLessThanOrEqual(bytes)
        expect(fitted).toBe(fitted.toWellFormed())
        expect(fitted.replace(/\s*…?$/, '').replaceAll(character, '')).toBe('')
      }
    },
  )
})
