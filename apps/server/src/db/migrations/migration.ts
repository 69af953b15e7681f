import type { Engine } from '../engine.ts'

/** What differs between the engines where tables are made. */
export interface DdlDialect {
  engine: Engine
  /** Of epoch milliseconds and counters. */
  integer: string
  /** After a table whose rows are small and read by their key. */
  clustered: string
  /** After a table whose rows are large. */
  heap: string
}

export interface Migration {
  /** Never changed once released: databases remember it. They run in the order of the list. */
  name: string
  /** The statements, which commit together or not at all. */
  up(ddl: DdlDialect): string[]
}

export function ddlFor(engine: Engine): DdlDialect {
  return engine === 'sqlite'
    ? { engine, integer: 'integer', clustered: 'strict, without rowid', heap: 'strict' }
    : { engine, integer: 'bigint', clustered: '', heap: '' }
}
