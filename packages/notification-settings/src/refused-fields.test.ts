import { ApiError } from '@countersign/api-client'
import { describe, expect, it } from 'vitest'
import { refusedFields } from './refused-fields.ts'

describe('a refusal', () => {
  it('names the fields of the address that were refused', () => {
    const fields = [
      { path: 'address.mobile', message: 'must be a number' },
      { path: 'address.secret', message: 'is too long' },
      { path: 'address.url', message: 'port 25 is not open to calls' },
      { path: 'mode', message: 'is none' },
    ]
    expect(refusedFields(new ApiError({ status: 422, code: 'invalid', detail: '', fields }))).toEqual({
      mobile: 'mobile',
      secret: 'refused',
      url: 'refused',
    })
  })
})
