import type { Migration } from './migration.ts'

/** How people want to be told, whom a rule adds by role, and why a delivery waits. */
export const notifications: Migration = {
  name: '007-notifications',
  up: ({ clustered }) => [
    `alter table user_channels add column enabled integer not null default 1 check (enabled in (0, 1))`,
    `alter table user_channels add column mode text not null default 'instant' check (mode in ('instant', 'digest'))`,
    `alter table notification_rules add column roles text not null default '[]'`,
    `alter table deliveries add column waits_for text
      check (waits_for in ('quiet_hours', 'digest', 'rate_limit', 'ladder'))`,
    `create table notification_preferences (
      tenant_id text not null,
      uid text not null,
      quiet_from text,
      quiet_to text,
      digest_at text,
      primary key (tenant_id, uid)
    ) ${clustered}`,
  ],
}
