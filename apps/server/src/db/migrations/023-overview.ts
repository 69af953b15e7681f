import type { Migration } from './migration.ts'

/** Finds what came in, was decided and was settled in a stretch of time, without reading a ticket. */
export const overview: Migration = {
  name: '023-overview',
  up: () => [
    `create index tickets_by_submission on tickets (tenant_id, created_at, module)`,
    `create index tickets_by_settlement on tickets (tenant_id, decided_at, module, status, created_at)
      where decided_at is not null`,
    `create index ticket_history_decisions_by_time on ticket_history (tenant_id, at)
      where action in ('approve', 'reject')`,
  ],
}
