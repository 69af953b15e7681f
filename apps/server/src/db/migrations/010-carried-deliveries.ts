import type { Migration } from './migration.ts'

/** Deliveries that are told in the message of another. */
export const carriedDeliveries: Migration = {
  name: '010-carried-deliveries',
  up: () => [
    `alter table deliveries add column carried_by text`,
    `create index deliveries_carried on deliveries (tenant_id, carried_by) where carried_by is not null`,
    // What is held back for a person, so that it can be told in one message.
    `create index deliveries_held on deliveries (tenant_id, channel, recipient, due_at) where waits_for is not null`,
  ],
}
