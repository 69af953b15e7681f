import { type Endpoint, endpoints, type RouteName, routes, type WhoMay, whoMay } from '@countersign/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, ask, type Question } from '../_who-may/ask.ts'
import { allCallers, type Caller, person } from '../_who-may/callers.ts'
import { expected, type Refused } from '../_who-may/expected.ts'
import { mentions } from '../_who-may/mentions.ts'
import { type RowWatch, watchRows } from '../_who-may/rows.ts'
import { type Sample, type Scene, samples } from '../_who-may/samples.ts'
import { allKinds, type Kinds, type Named, namedBy } from '../_who-may/things.ts'
import {
  markerOf,
  onlyOf,
  otherThan,
  startTwoTenants,
  type Tenant,
  type TwoTenants,
  tenants,
} from '../_who-may/two-tenants.ts'

/*
 * Every endpoint of the contract with everybody who may come to it, and everything that its path may name, in two tenants
 * that look alike. What each is to get follows from who-may.ts of the contracts alone. A refusal is always the same: before
 * anything of the request is looked at, without a word of what is there, and nothing is stored.
 */

const names = Object.keys(routes) as RouteName[]
const badBody = { nonsense: { of: ['no', 'contract'] } }

let world: TwoTenants
let callers: Caller[]
let kinds: Kinds
let rows: RowWatch
const admins = new Map<Tenant, Caller>()

beforeAll(async () => {
  world = await startTwoTenants()
  kinds = await allKinds(world)
  callers = await allCallers(world)
  for (const tenant of tenants) admins.set(tenant, await person(world, tenant, 'admin'))
  rows = watchRows(world.databaseFile)
})
afterAll(async () => {
  rows[Symbol.dispose]()
  await world[Symbol.asyncDispose]()
})

/** A caller, and what they name; null where the path names nothing. */
interface Case {
  caller: Caller
  named: Named | null
}
type RefusedCase = Case & { wanted: Refused }

/** Refusals come first: they change nothing, so that one look at the rows does for all of them. */
function casesOf(may: WhoMay): { refused: RefusedCase[]; allowed: Case[] } {
  const refused: RefusedCase[] = []
  const allowed: Case[] = []
  for (const caller of callers) {
    for (const named of may.of === undefined ? [null] : namedBy(kinds[may.of], caller)) {
      const wanted = expected(may, caller, named)
      if (wanted === 'allowed') allowed.push({ caller, named })
      else refused.push({ caller, named, wanted })
    }
  }
  return { refused, allowed }
}

const adminOf = (tenant: Tenant): Caller => {
  const admin = admins.get(tenant)
  if (admin === undefined) throw new Error('there is no administrator')
  return admin
}
const sampleOf = (name: RouteName): Sample<RouteName> => samples[name]

async function questionOf(name: RouteName, caller: Caller, named: Named | null): Promise<Question> {
  const admin = adminOf(caller.tenant)
  const scene: Scene = { world, caller, tenant: caller.tenant, named, admin }
  const sample = sampleOf(name)
  const body = 'body' in sample ? sample.body : undefined
  const query = 'query' in sample ? sample.query : undefined
  return {
    params: { ...named?.params, ...sample.params },
    query: typeof query === 'object' && query !== null ? query : {},
    body: typeof body === 'function' ? await body(scene) : body,
  }
}

/** The answer as it is whatever the request was called. */
const anonymous = ({ status, text }: Answer): string => `${status} ${text.replace(/,"requestId":"[^"]*"/, '')}`

describe('every endpoint', () => {
  it.each(names)('%s', async (name) => {
    const { refused, allowed } = casesOf(whoMay[name])
    const wrong: string[] = []
    const say = ({ caller, named }: Case, found: string[]): void => {
      wrong.push(...found.map((why) => `${caller.name}, ${named?.label ?? 'as such'}: ${why}`))
    }
    // What was announced before is on its way, and writes rows of its own.
    await world.server.drain()
    const absences = new Map<Caller, Set<string>>()
    for (const one of refused) {
      const { answer, wrong: found } = await refuse(name, one)
      say(one, found)
      if (one.wanted.status !== 404) continue
      const told = (absences.get(one.caller) ?? new Set()).add(anonymous(answer))
      absences.set(one.caller, told)
      if (told.size > 1) say(one, [`what is not there is told apart: ${[...told].join(' ')}`])
    }
    for (const one of allowed) say(one, await allow(name, one))
    expect(wrong).toEqual([])
  })
})

/** Whoever may gets what they ask for, and nothing of the other tenant. */
async function allow(name: RouteName, { caller, named }: Case): Promise<string[]> {
  const { by, of }: WhoMay = whoMay[name]
  const { answers, endsSession } = sampleOf(name)
  const isReading = routes[name].method === 'GET'
  const object = of === undefined || named === null || isReading ? named : await kinds[of].make(caller.tenant, named)
  const uid = caller.as !== null && 'uid' in caller.as ? caller.as.uid : ''
  const headers = endsSession === true ? { cookie: await world.logIn(caller.tenant, uid) } : caller.headers
  const answer = await ask(world.url, name, await questionOf(name, caller, object), headers)
  const isGranted = answers === undefined ? answer.status < 300 : answer.code === answers.code
  // What is open to anybody names every tenant: people choose theirs.
  const isLeak = by !== 'anybody' && answer.text.includes(markerOf(otherThan(caller.tenant)))
  const hidden = by === 'session' ? hiddenFrom(caller).filter((id) => answer.text.includes(id)) : []
  return [
    ...(isGranted ? [] : [`is allowed, and gets ${answer.status} ${answer.text.slice(0, 300)}`]),
    ...(isLeak ? ['gets something of the other tenant'] : []),
    ...(hidden.length > 0 ? ['gets something of a ticket that does not concern them'] : []),
  ]
}

/** The tickets of their tenant that somebody may not read: no list of theirs may have them. */
function hiddenFrom(caller: Caller): string[] {
  const tickets = kinds.ticket.seenBy(caller.tenant, null)
  return tickets
    .filter((ticket) => expected(whoMay.getMyTicket, caller, ticket) !== 'allowed')
    .map(({ params }) => params.id ?? '')
}

/** Whoever may not gets the same refusal for a good request and for a bad one, and leaves nothing behind. */
async function refuse(
  name: RouteName,
  { caller, named, wanted }: RefusedCase,
): Promise<{ answer: Answer; wrong: string[] }> {
  const question = await questionOf(name, caller, named)
  rows.look()
  const answer = await ask(world.url, name, question, caller.headers)
  const wrong: string[] = []
  if (answer.status !== wanted.status || answer.code !== wanted.code) {
    wrong.push(`is to get ${wanted.status} ${wanted.code}, and gets ${answer.status} ${answer.text.slice(0, 300)}`)
  }
  if (tenants.some((tenant) => answer.text.includes(markerOf(tenant)))) wrong.push('the refusal says what is there')
  wrong.push(...(await refuseBad(name, caller, question, answer)))
  // A decision that was refused is in the audit.
  const changed = rows.changed(wanted.status === 409 ? ['audit'] : [])
  if (changed.length > 0) wrong.push(`changed ${changed.join(', ')}`)
  return { answer, wrong }
}

/** The same with a body and a query that no contract has: nothing of them is looked at before it is known who asks. */
async function refuseBad(name: RouteName, caller: Caller, question: Question, good: Answer): Promise<string[]> {
  const { method } = routes[name]
  const { query }: Endpoint = endpoints[name]
  if (method === 'GET' && query === undefined) return []
  const bad = { ...question, body: badBody, ...(query === undefined ? {} : { query: { nonsense: 'yes' } }) }
  const answer = await ask(world.url, name, bad, caller.headers)
  if (anonymous(answer) === anonymous(good)) return []
  // That there is no such thing, and that it is not their turn, is told to those only whom the bad request is told, too.
  const { as }: WhoMay = whoMay[name]
  const isAdmitted = good.status === 409 || (good.status === 404 && as === undefined)
  if (isAdmitted && answer.code === 'invalid_request') return []
  return [`a bad request gets ${answer.status} ${answer.text.slice(0, 300)}`]
}

describe('a request that did not come from our own page', () => {
  const foreign = {
    'without our header': { 'sec-fetch-site': 'same-origin' },
    'from another site': { 'x-requested-with': 'countersign', 'sec-fetch-site': 'cross-site' },
    'from another host of the site': { 'x-requested-with': 'countersign', 'sec-fetch-site': 'same-site' },
    'from another origin, by an old browser': { 'x-requested-with': 'countersign', origin: 'https://evil.example' },
    'from a page without an origin': { 'x-requested-with': 'countersign', origin: 'null' },
    'from who knows where': { 'x-requested-with': 'countersign' },
  } as const
  const ours = names.filter((name) => whoMay[name].by !== 'key')

  it.each(Object.entries(foreign))('changes nothing %s, whoever is logged in', async (_, page) => {
    const admin = adminOf('acme')
    const wrong: string[] = []
    await world.server.drain()
    for (const name of ours.filter((each) => routes[each].method !== 'GET')) {
      const { of }: WhoMay = whoMay[name]
      const [named = null] = of === undefined ? [] : namedBy(kinds[of], admin)
      const question = await questionOf(name, admin, named)
      rows.look()
      const answer = await ask(world.url, name, question, admin.headers, page)
      const changed = rows.changed()
      if (answer.status !== 403 || answer.code !== 'csrf') wrong.push(`${name}: ${answer.status} ${answer.text}`)
      if (changed.length > 0) wrong.push(`${name} changed ${changed.join(', ')}`)
    }
    expect(wrong).toEqual([])
  })

  it('reads at most, and reading changes nothing but the audit', async () => {
    const admin = adminOf('acme')
    const wrong: string[] = []
    await world.server.drain()
    for (const name of ours.filter((each) => routes[each].method === 'GET')) {
      const { of }: WhoMay = whoMay[name]
      const [named = null] = of === undefined ? [] : namedBy(kinds[of], admin)
      rows.look()
      await ask(world.url, name, await questionOf(name, admin, named), admin.headers, foreign['from another site'])
      // Whoever is to log in gets a nonce.
      const changed = rows.changed(name === 'loginOptions' ? ['login_attempts'] : ['audit'])
      if (changed.length > 0) wrong.push(`${name} changed ${changed.join(', ')}`)
    }
    expect(wrong).toEqual([])
  })
})

describe('people and templates of another tenant, where a body or a query names them', () => {
  it.each(Object.entries(mentions))('%s: as if there were none', async (_, mention) => {
    const nobody = 'nobody-here'
    const answers: string[] = []
    for (const name of [onlyOf('beta'), nobody]) {
      const { route, query, body } = mention(name)
      const { by, of }: WhoMay = whoMay[route]
      const caller = by === 'key' ? keyHolder() : adminOf('acme')
      const [named] = of === undefined ? [] : namedBy(kinds[of], caller)
      const answer = await ask(world.url, route, { params: named?.params ?? {}, query, body }, caller.headers)
      expect(answer.text).not.toContain(markerOf('beta'))
      answers.push(anonymous(answer).replaceAll(name, 'X'))
    }
    expect(answers[0]).toBe(answers[1])
  })

  it('a ticket in a preview of texts, too', async () => {
    const [foreign] = kinds.ticket.seenBy('beta', null)
    const preview = async (ticket: string): Promise<string> => {
      const body = { kind: 'approved', channel: 'webhook', ticket }
      return anonymous(await ask(world.url, 'previewTexts', { body }, adminOf('acme').headers))
    }
    const answer = await preview(foreign?.params.id ?? '')
    expect(answer).toBe(await preview(kinds.ticket.none.params.id ?? ''))
    expect(answer).toContain('404')
  })
})

function keyHolder(): Caller {
  const holder = callers.find(({ name }) => name === 'key both of acme')
  if (holder === undefined) throw new Error('there is no such key')
  return holder
}
