import { expect, it } from 'vitest'
import { coverage as smsCoverage } from './platforms/sms/coverage.ts'
import { operations } from './platforms/sms/platform.ts'
import { businessTexts } from './platforms/sms/refusals.ts'
import { coverage as wecomCoverage } from './platforms/wecom/coverage.ts'
import { messageTypes } from './platforms/wecom/messages.ts'
import { texts } from './platforms/wecom/refusals.ts'

it('the coverage ledger names exactly the SMS operations that are served, and every code they refuse with', () => {
  expect(smsCoverage.map(({ path }) => path).sort()).toEqual(
    Object.keys(operations)
      .map((name) => `sms ${name}`)
      .sort(),
  )
  const codes = smsCoverage.flatMap((one) => one.codes.split(' '))
  expect(Object.keys(businessTexts).filter((code) => !codes.includes(code))).toEqual([])
})

it('the coverage ledger names every WeCom message type and code', () => {
  const [send] = wecomCoverage
  const words = `${send?.fields} ${send?.notes}`
  expect(messageTypes.filter((type) => !words.includes(type))).toEqual([])
  expect(send?.codes.split(' ').sort()).toEqual(Object.keys(texts).sort())
})
