import { AppError } from '#server/errors.ts'
import { sqliteHostFault } from './node-sqlite.ts'
import { unavailable } from './postgres-store.ts'

/**
 * What a read outside a unit of work failed of, where the host is to blame and it passes (a lost connection, a full disk, a
 * lock): AppError('unavailable'). Null for everything else. Units of work say so themselves.
 */
export function hostFault(error: unknown): AppError | null {
  const sqlite = sqliteHostFault(error)
  if (sqlite !== null) return new AppError('unavailable', sqlite, { cause: error })
  const explained = unavailable(error)
  return explained instanceof AppError ? explained : null
}
