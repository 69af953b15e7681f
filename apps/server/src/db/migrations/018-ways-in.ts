import type { Migration } from './migration.ts'

/** Log-in by a code in an e-mail and by OpenID Connect. */
export const waysIn: Migration = {
  name: '018-ways-in',
  up: ({ integer, clustered, heap }) => [
    // Attempts and codes live for ten minutes: both tables are made anew, and who was in the middle of it begins again.
    `drop table login_attempts`,
    `create table login_attempts (
      tenant_id text not null,
      secret_hash text not null primary key,
      kind text not null check (kind in ('state', 'nonce', 'email', 'oidc')),
      channel text not null,
      browser_hash text not null,
      detail text not null,
      expires_at ${integer} not null
    ) ${clustered}`,
    `create index login_attempts_by_expiry on login_attempts (expires_at)`,
    `drop table verification_codes`,
    // One of a person, purpose and channel, and for a log-in of an attempt: nobody's code takes the place of another's.
    `create table verification_codes (
      tenant_id text not null,
      uid text not null,
      purpose text not null check (purpose in ('bind', 'login')),
      channel text not null,
      attempt text not null,
      code_hash text not null,
      checks_left integer not null check (checks_left >= 0),
      platform_user_id text,
      expires_at ${integer} not null,
      primary key (tenant_id, uid, purpose, channel, attempt)
    ) ${clustered}`,
    `create index verification_codes_by_expiry on verification_codes (expires_at)`,
    `alter table sessions add column way text`,
    // Digest of the address that the person has shown to be theirs.
    `alter table user_channels add column proved text`,
    `create index user_channels_by_email on user_channels (tenant_id, lower(address)) where channel = 'email'`,
    `create index users_by_email on users (tenant_id, lower(email)) where email is not null`,
    `create index users_by_employee_id on users (tenant_id, employee_id) where employee_id is not null`,
    `create table login_ways (
      tenant_id text not null,
      way text not null check (way in ('email', 'oidc')),
      enabled integer not null check (enabled in (0, 1)),
      settings text not null,
      secret text,
      provisioned integer not null check (provisioned in (0, 1)),
      updated_at ${integer} not null,
      primary key (tenant_id, way)
    ) ${heap}`,
    `create table company_accounts (
      tenant_id text not null,
      issuer text not null,
      subject text not null,
      uid text not null,
      created_at ${integer} not null,
      primary key (tenant_id, issuer, subject)
    ) ${clustered}`,
    `create unique index company_accounts_by_person on company_accounts (tenant_id, uid, issuer)`,
  ],
}
