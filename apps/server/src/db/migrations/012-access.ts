import type { Migration } from './migration.ts'

/** What a person and an administrator are shown of sessions and API keys, so that they can end them. */
export const access: Migration = {
  name: '012-access',
  up: ({ integer }) => [
    `alter table sessions add column user_agent text`,
    `create index sessions_by_person on sessions (tenant_id, uid)`,
    `alter table api_keys add column expires_at ${integer}`,
    `alter table api_keys add column last_used_at ${integer}`,
  ],
}
