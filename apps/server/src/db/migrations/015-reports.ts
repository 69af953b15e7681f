import type { Migration } from './migration.ts'

/** Whom the last message did not reach, and what administrators are told about it once a day. */
export const reports: Migration = {
  name: '015-reports',
  up: ({ integer, clustered, heap }) => [
    // Only of people whom the last message through a channel did not reach for good: small, and read by its key.
    `create table reach_failures (
      tenant_id text not null,
      uid text not null,
      channel text not null,
      code text not null,
      at ${integer} not null,
      primary key (tenant_id, uid, channel)
    ) ${clustered}`,
    // One per tenant and day of its own time zone, also when there was nothing to tell.
    `create table coverage_reports (
      tenant_id text not null,
      day text not null,
      content text not null,
      created_at ${integer} not null,
      primary key (tenant_id, day)
    ) ${heap}`,
    `create index coverage_reports_by_time on coverage_reports (created_at)`,
    `alter table tenants add column coverage_report integer not null default 1 check (coverage_report in (0, 1))`,
  ],
}
