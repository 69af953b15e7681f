import type { Migration } from './migration.ts'

/** What each app has called in each month. */
export const callCounts: Migration = {
  name: '006-call-counts',
  up: ({ integer, clustered }) => [
    `create table call_counts (
      tenant_id text not null,
      channel text not null,
      app_id text not null,
      month text not null,
      calls ${integer} not null,
      warned integer not null,
      primary key (tenant_id, channel, app_id, month)
    ) ${clustered}`,
  ],
}
