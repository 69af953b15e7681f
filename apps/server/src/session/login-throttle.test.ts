import { describe, expect, it } from 'vitest'
import { AppError } from '#server/errors.ts'
import { createLoginThrottle } from './login-throttle.ts'

const failing = () => Promise.reject(new AppError('login_failed', 'no'))

describe('log-ins from one address', () => {
  it('are stopped after twenty failures, and others are not', async () => {
    const throttle = createLoginThrottle()
    for (let n = 0; n < 20; n += 1) {
      await expect(throttle.guard('10.0.0.1', failing)).rejects.toMatchObject({ code: 'login_failed' })
    }
    const good = () => Promise.resolve('in')
    await expect(throttle.guard('10.0.0.1', good)).rejects.toMatchObject({ code: 'too_many_requests', status: 429 })
    await expect(throttle.guard('10.0.0.2', good)).resolves.toBe('in')
  })

  it('that succeed are not counted', async () => {
    const throttle = createLoginThrottle()
    for (let n = 0; n < 40; n += 1) await throttle.guard('10.0.0.1', () => Promise.resolve('in'))
    await expect(throttle.guard('10.0.0.1', failing)).rejects.toMatchObject({ code: 'login_failed' })
  })

  it('can be begun three hundred times a minute', async () => {
    const throttle = createLoginThrottle()
    for (let n = 0; n < 300; n += 1) await throttle.begin('10.0.0.1')
    await expect(throttle.begin('10.0.0.1')).rejects.toMatchObject({ code: 'too_many_requests' })
    await expect(throttle.begin('10.0.0.2')).resolves.toBeUndefined()
  })
})
