import type { Migration } from './migration.ts'

/** Trial tickets, and what the doctor last saw of each channel. */
export const firstRun: Migration = {
  name: '025-first-run',
  up: ({ integer, clustered }) => [
    `create table trials (
      tenant_id text not null,
      ticket_id text not null,
      channel text not null,
      uid text not null,
      asked_at ${integer} not null,
      expires_at ${integer} not null,
      primary key (tenant_id, ticket_id)
    ) ${clustered}`,
    `create index trials_by_person on trials (tenant_id, uid, channel, asked_at desc)`,
    `create index trials_by_end on trials (expires_at)`,
    `create table diagnoses (
      tenant_id text not null,
      channel text not null,
      at ${integer} not null,
      settings_at ${integer} not null,
      findings text not null,
      primary key (tenant_id, channel)
    ) ${clustered}`,
  ],
}
