import type { Migration } from './migration.ts'

/** Log-in and sessions. Both are looked up by a secret or an id that is unique over all tenants. */
export const sessions: Migration = {
  name: '004-sessions',
  up: ({ integer, clustered }) => [
    `create table login_attempts (
      tenant_id text not null,
      secret_hash text not null primary key,
      kind text not null check (kind in ('state', 'nonce')),
      channel text not null,
      browser_hash text not null,
      detail text not null,
      expires_at ${integer} not null
    ) ${clustered}`,
    `create index login_attempts_by_expiry on login_attempts (expires_at)`,
    `create table sessions (
      tenant_id text not null,
      id text not null primary key,
      uid text not null,
      channel text,
      refresh_hash text not null,
      previous_hash text,
      rotated_at ${integer} not null,
      created_at ${integer} not null,
      expires_at ${integer} not null,
      revoked_at ${integer}
    ) ${clustered}`,
    `create index sessions_by_expiry on sessions (expires_at)`,
  ],
}
