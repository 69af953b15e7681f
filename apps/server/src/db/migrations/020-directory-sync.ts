import type { Migration } from './migration.ts'

/** A platform's directory as it was read, until its people are taken over or it is too old. */
export const directorySync: Migration = {
  name: '020-directory-sync',
  up: ({ integer, heap }) => [
    // One for each channel of a tenant: the last.
    `create table directory_reads (
      tenant_id text not null,
      channel text not null,
      id text not null,
      app_id text not null,
      state text not null,
      started_by text not null,
      started_at ${integer} not null,
      updated_at ${integer} not null,
      departments text,
      departments_found ${integer} not null default 0,
      departments_read ${integer} not null default 0,
      people ${integer} not null default 0,
      calls ${integer} not null default 0,
      is_whole integer not null default 0 check (is_whole in (0, 1)),
      missing text not null default '[]',
      failure text,
      primary key (tenant_id, channel)
    ) ${heap}`,
    `create index directory_reads_by_time on directory_reads (updated_at)`,
    `create table directory_people (
      tenant_id text not null,
      read_id text not null,
      account text not null,
      content text not null,
      primary key (tenant_id, read_id, account)
    ) ${heap}`,
  ],
}
