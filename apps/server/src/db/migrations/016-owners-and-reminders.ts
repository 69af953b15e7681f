import type { Migration } from './migration.ts'

/** Owners of what a ticket is about, and when who has not decided is reminded. */
export const ownersAndReminders: Migration = {
  name: '016-owners-and-reminders',
  up: () => [
    `alter table tickets add column owners text not null default '[]'`,
    `alter table tickets add column reminders text`,
    `alter table tenants add column reminders text`,
    // Which modules a tenant has used, without reading its tickets.
    `create index tickets_by_module on tickets (tenant_id, module)`,
  ],
}
