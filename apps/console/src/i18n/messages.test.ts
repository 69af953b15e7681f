import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import {
  ChannelSettings,
  deliveryStates,
  discoveryFaults,
  findingStatuses,
  noticeEvents,
  noticeRoles,
  oidcClaims,
  permissionUses,
  refusalReasons,
  roles,
  savingSteps,
  setupPlaces,
  stepProblems,
  textKinds,
  ticketStatuses,
  unreachableReasons,
  waitReasons,
} from '@countersign/contracts'
import { describe, expect, it } from 'vitest'
import { appLocales } from './choose-locale.ts'

interface Tree {
  [key: string]: string | Tree
}
const source = join(import.meta.dirname, '..')
const require = createRequire(import.meta.url)

function flatten(tree: Tree, prefix = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[prefix + key, value]] : flatten(value, `${prefix}${key}.`),
  )
}
const read = (path: string): Map<string, string> => new Map(flatten(JSON.parse(readFileSync(path, 'utf8'))))
const own = (locale: string): Map<string, string> => read(join(import.meta.dirname, 'messages', `${locale}.json`))
const shared = (locale: string): Map<string, string> => read(require.resolve(`@countersign/words/${locale}.json`))
const placeholders = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(([name]) => name).sort()

describe.each(appLocales.filter((locale) => locale !== 'en'))('the catalogues in %s', (locale) => {
  it.each([
    ['of the console', own],
    ['that all apps share', shared],
  ] as const)('%s have the keys and placeholders of the English ones, and no empty text', (_name, catalogue) => {
    const english = catalogue('en')
    const messages = catalogue(locale)
    expect([...messages.keys()]).toEqual([...english.keys()])
    const changed = [...english].filter(
      ([key, text]) => `${placeholders(text)}` !== `${placeholders(messages.get(key) ?? '')}`,
    )
    expect(changed).toEqual([])
    expect([...messages.values()].filter((text) => text.trim() === '')).toEqual([])
  })
})

describe('the English catalogues', () => {
  const english = new Map([...shared('en'), ...own('en')])

  it('word every state, event, role, reason to wait and reason for a refusal', () => {
    const wanted = [
      ...ticketStatuses.map((status) => `status.${status}`),
      ...deliveryStates.map((state) => `delivery.${state}`),
      ...noticeEvents.map((event) => `event.${event}`),
      ...waitReasons.map((reason) => `waits.${reason}`),
      ...roles.map((role) => `role.${role}`),
      ...refusalReasons.map((reason) => `refusal.${reason}`),
      ...noticeRoles.map((role) => `noticeRole.${role}`),
      ...textKinds.map((kind) => `textKind.${kind}`),
      ...discoveryFaults.map((fault) => `loginFault.${fault}`),
      ...oidcClaims.flatMap((claim) => [`loginClaim.${claim}`, `loginClaimText.${claim}`]),
      ...unreachableReasons.map((reason) => `unreachable.${reason}`),
      ...stepProblems.map((problem) => `welcomeProblem.${problem}`),
    ]
    expect(wanted.filter((key) => !english.has(key))).toEqual([])
  })

  it('name every setting of every channel, and every kind of finding', () => {
    const schemas = Object.values(ChannelSettings.shape).map((schema) => schema.unwrap().shape)
    const settings = schemas.flatMap((shape) => Object.keys(shape)).filter((name) => name !== 'enabled')
    const wanted = [
      ...settings.map((name) => `setting.${name}`),
      ...findingStatuses.map((status) => `finding.${status}`),
      ...permissionUses.map((use) => `permissionUse.${use}`),
      ...setupPlaces.map((place) => `setupPlace.${place}`),
      ...savingSteps.map((step) => `settingOption.${step}`),
    ]
    expect(wanted.filter((key) => !english.has(key))).toEqual([])
  })

  it('have no text of the console that nothing shows', () => {
    const code = readdirSync(source, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(vue|ts)$/.test(name) && !name.endsWith('.test.ts'))
      .map((name) => readFileSync(join(source, name), 'utf8'))
      .join('\n')
    const families = [...code.matchAll(/`([\w.]+)\.\$\{/g)].map(([, family]) => family)
    const unused = [...own('en').keys()].filter(
      (key) => !code.includes(`'${key}'`) && !families.some((family) => key.startsWith(`${family}.`)),
    )
    expect(unused).toEqual([])
  })
})
