import type { Migration } from './migration.ts'

/** Finds what is undecided among all that ever was: what would wait for nobody, were a person disabled. */
export const pendingTickets: Migration = {
  name: '017-pending-tickets',
  up: () => [`create index tickets_pending on tickets (tenant_id, number) where status = 'pending'`],
}
