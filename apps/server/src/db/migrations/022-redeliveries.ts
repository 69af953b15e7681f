import type { Migration } from './migration.ts'

/**
 * What is sent once more, and what was POSTed to addresses outside: the calls with how long they took, and each body once
 * however often it was sent.
 */
export const redeliveries: Migration = {
  name: '022-redeliveries',
  up: ({ integer, clustered, heap }) => [
    `alter table deliveries add column sending integer not null default 0`,
    `alter table deliveries add column replaced_by text`,
    `drop index deliveries_by_notice`,
    // A notice is told once to one recipient through one channel, and once more for each time that somebody asks for it.
    `create unique index deliveries_by_notice
      on deliveries (tenant_id, ticket_id, notice_key, recipient, channel, sending)`,
    `create index deliveries_replaced on deliveries (tenant_id, replaced_by) where replaced_by is not null`,
    // Few among very many.
    `create index deliveries_troubled on deliveries (tenant_id, id) where state in ('failed', 'suppressed')`,
    `create index deliveries_posted on deliveries (tenant_id, id) where channel in ('callback', 'webhook')`,
    `create table webhook_calls (
      tenant_id text not null,
      webhook_id text not null,
      seq integer not null,
      at ${integer} not null,
      host text not null,
      code text not null,
      took_ms integer not null,
      body_digest text not null,
      primary key (tenant_id, webhook_id, seq)
    ) ${clustered}`,
    `create index webhook_calls_by_time on webhook_calls (at)`,
    `create table webhook_bodies (
      tenant_id text not null,
      webhook_id text not null,
      digest text not null,
      body text not null,
      last_sent_at ${integer} not null,
      primary key (tenant_id, webhook_id, digest)
    ) ${heap}`,
    `create index webhook_bodies_by_time on webhook_bodies (last_sent_at)`,
  ],
}
