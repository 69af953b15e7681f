import type { Migration } from './migration.ts'

/** Log-in links that work once, for people whom no platform knows yet. */
export const oneTimeLinks: Migration = {
  name: '013-one-time-links',
  up: ({ integer, clustered }) => [
    `create table one_time_links (
      tenant_id text not null,
      secret_hash text not null primary key,
      uid text not null,
      expires_at ${integer} not null
    ) ${clustered}`,
    `create index one_time_links_by_person on one_time_links (tenant_id, uid)`,
  ],
}
