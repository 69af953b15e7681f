import type { Migration } from './migration.ts'

/** Passkeys, authenticator apps and recovery codes, who must have one, and which sessions have given one. */
export const secondFactor: Migration = {
  name: '019-second-factor',
  up: ({ integer, clustered }) => [
    // One of a person. A new secret stands beside the old one until a code made with it is given.
    `create table authenticators (
      tenant_id text not null,
      uid text not null,
      secret text,
      created_at ${integer},
      last_step ${integer},
      last_used_at ${integer},
      pending_secret text,
      pending_at ${integer},
      primary key (tenant_id, uid),
      check ((secret is null) = (created_at is null) and (secret is null) = (last_step is null)),
      check ((pending_secret is null) = (pending_at is null))
    ) ${clustered}`,
    `create table passkeys (
      tenant_id text not null,
      id text not null,
      uid text not null,
      name text not null,
      credential_id text not null,
      public_key text not null,
      counter ${integer} not null,
      transports text not null,
      synced integer not null check (synced in (0, 1)),
      created_at ${integer} not null,
      last_used_at ${integer},
      primary key (tenant_id, id)
    ) ${clustered}`,
    `create unique index passkeys_by_credential on passkeys (tenant_id, credential_id)`,
    `create index passkeys_by_person on passkeys (tenant_id, uid)`,
    `create table recovery_codes (
      tenant_id text not null,
      uid text not null,
      code_hash text not null,
      created_at ${integer} not null,
      primary key (tenant_id, uid, code_hash)
    ) ${clustered}`,
    // What a browser is to sign: the last one of a session and purpose.
    `create table passkey_challenges (
      tenant_id text not null,
      session_id text not null,
      purpose text not null check (purpose in ('add', 'give')),
      challenge text not null,
      expires_at ${integer} not null,
      primary key (tenant_id, session_id, purpose)
    ) ${clustered}`,
    `create index passkey_challenges_by_expiry on passkey_challenges (expires_at)`,
    // What the console says; the provisioning file has its own column, and goes before it.
    `create table second_factor_rules (
      tenant_id text not null primary key,
      administrators_need integer not null check (administrators_need in (0, 1))
    ) ${clustered}`,
    `alter table tenants add column administrators_need_second_factor integer
      check (administrators_need_second_factor in (0, 1))`,
    `alter table sessions add column second_factor_at ${integer}`,
  ],
}
