import type { Migration } from './migration.ts'

/** Codes that show whose an address is, what is throttled, what people set for themselves, and which account logged in. */
export const verification: Migration = {
  name: '008-verification',
  up: ({ integer, clustered }) => [
    // One of a person, purpose and channel: a new code takes the place of the one before.
    `create table verification_codes (
      tenant_id text not null,
      uid text not null,
      purpose text not null check (purpose in ('bind')),
      channel text not null,
      code_hash text not null,
      checks_left integer not null check (checks_left >= 0),
      platform_user_id text,
      expires_at ${integer} not null,
      primary key (tenant_id, uid, purpose, channel)
    ) ${clustered}`,
    `create index verification_codes_by_expiry on verification_codes (expires_at)`,
    `create table throttles (
      tenant_id text not null,
      key text not null,
      since ${integer} not null,
      count integer not null,
      last_at ${integer} not null,
      primary key (tenant_id, key)
    ) ${clustered}`,
    `create index throttles_by_time on throttles (last_at)`,
    // Not in users: the provisioning file, which is applied at every start, would take it back.
    `alter table notification_preferences add column locale text`,
    `alter table notification_preferences add column time_zone text`,
    `alter table sessions add column platform_user_id text`,
  ],
}
