import type { Compilable, CompiledQuery, DialectAdapter, Kysely, QueryResult } from 'kysely'
import type { Database } from './schema.ts'

/*
 * Building and compiling a query costs Kysely several times what SQLite needs to run it. On the way of a decision each
 * query is therefore compiled once per engine, with names in the place of values.
 */

class Placeholder {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

type Value<Values> = <Name extends keyof Values & string>(name: Name) => Values[Name]

/** A query of fixed shape. `build` is called once per engine; `value('x')` stands for the value given later. */
export type Statement<Values, Row> = (db: Kysely<Database>, values: Values) => Promise<QueryResult<Row>>

export function statement<Values extends object, Row = unknown>(
  build: (db: Kysely<Database>, value: Value<Values>) => Compilable<Row>,
): Statement<Values, Row> {
  const shapes = new WeakMap<DialectAdapter, Shape<Values>>()
  return (db, values) => {
    const { adapter } = db.getExecutor()
    let shape = shapes.get(adapter)
    if (shape === undefined) {
      shape = shapeOf(build(db, placeholder).compile())
      shapes.set(adapter, shape)
    }
    return db.executeQuery<Row>({ ...shape.compiled, parameters: shape.parameters(values) } as CompiledQuery<Row>)
  }
}

interface Shape<Values> {
  compiled: CompiledQuery
  parameters(values: Values): unknown[]
}

function shapeOf<Values extends object>(compiled: CompiledQuery): Shape<Values> {
  const read = compiled.parameters.map((parameter) =>
    parameter instanceof Placeholder ? (parameter.name as keyof Values) : null,
  )
  return {
    compiled,
    parameters: (values) => read.map((name, index) => (name === null ? compiled.parameters[index] : values[name])),
  }
}

function placeholder(name: string): never {
  // Kysely carries values through untouched; only `parameters` of the compiled query ever shows this object.
  return new Placeholder(name) as never
}

/** Longer lists are rare; their statements are made each time. */
const largestKept = 200

/**
 * Statements that differ in the length of a list, one for each length. `make` names the values of the list itself, for
 * example `uid0`, `uid1`.
 */
export function bySize<Values, Row>(
  make: (size: number) => Statement<Values, Row>,
): (size: number) => Statement<Values, Row> {
  const kept = new Map<number, Statement<Values, Row>>()
  return (size) => {
    const known = kept.get(size)
    if (known !== undefined) return known
    const fresh = make(size)
    if (size <= largestKept) kept.set(size, fresh)
    return fresh
  }
}

/** `{ uid0: …, uid1: … }`. */
export function numbered<Name extends string, Item>(
  name: Name,
  items: readonly Item[],
): Record<`${Name}${number}`, Item> {
  return Object.fromEntries(items.map((item, index) => [`${name}${index}`, item])) as Record<`${Name}${number}`, Item>
}
