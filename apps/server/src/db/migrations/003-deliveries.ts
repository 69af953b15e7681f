import type { Migration } from './migration.ts'

/** The transactional outbox, and the callbacks that came in. */
export const deliveries: Migration = {
  name: '003-deliveries',
  up: ({ integer, clustered, heap }) => [
    `create table deliveries (
      tenant_id text not null,
      id text not null,
      ticket_id text not null,
      notice_key text not null,
      event text not null,
      recipient text not null,
      channel text not null,
      state text not null check (state in ('queued', 'sending', 'sent', 'updated', 'failed', 'suppressed')),
      wanted_version integer not null,
      shown_version integer not null,
      message text,
      due_at ${integer},
      lease_owner text,
      lease_until ${integer},
      tries integer not null,
      first_tried_at ${integer},
      created_at ${integer} not null,
      updated_at ${integer} not null,
      primary key (tenant_id, id)
    ) ${heap}`,
    // Also finds the deliveries of a ticket.
    `create unique index deliveries_by_notice
      on deliveries (tenant_id, ticket_id, notice_key, recipient, channel)`,
    // With all that a claim looks at, so that a long queue is passed over without reading its rows.
    `create index deliveries_due on deliveries (due_at, tenant_id, channel, recipient, id) where due_at is not null`,
    `create table delivery_attempts (
      tenant_id text not null,
      delivery_id text not null,
      seq integer not null,
      at ${integer} not null,
      code text not null,
      message text not null,
      primary key (tenant_id, delivery_id, seq)
    ) ${clustered}`,
    `create table inbound_callbacks (
      tenant_id text not null,
      channel text not null,
      event_id text not null,
      signature_hash text not null,
      outcome text,
      at ${integer} not null,
      primary key (tenant_id, channel, event_id, signature_hash)
    ) ${clustered}`,
    `create index inbound_callbacks_by_time on inbound_callbacks (at)`,
  ],
}
