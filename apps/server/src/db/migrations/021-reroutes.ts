import type { Migration } from './migration.ts'

/** To whom goes what waits for somebody who was disabled, and how far that has come; whose place went to whom. */
export const reroutes: Migration = {
  name: '021-reroutes',
  up: ({ integer, clustered }) => [
    `create table reroutes (
      tenant_id text not null,
      uid text not null,
      revision text not null,
      successors text not null,
      scope text not null check (scope in ('open', 'stuck')),
      comment text,
      ordered_by text not null,
      via text not null,
      ordered_at ${integer} not null,
      state text not null check (state in ('running', 'done')),
      after_number ${integer} not null,
      moved ${integer} not null,
      swept_at ${integer} not null,
      due_at ${integer} not null,
      lease_owner text,
      lease_until ${integer},
      primary key (tenant_id, uid)
    ) ${clustered}`,
    `alter table ticket_history add column transfer text`,
  ],
}
