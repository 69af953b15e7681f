import type { Migration } from './migration.ts'

/** Tenants, their people, and what they have set. */
export const people: Migration = {
  name: '001-people',
  up: ({ integer, clustered, heap }) => [
    `create table tenants (
      id text not null primary key,
      name text not null,
      locale text,
      time_zone text,
      allow_self_approval integer not null default 0 check (allow_self_approval in (0, 1)),
      next_ticket_number ${integer} not null default 1001,
      updated_at ${integer} not null
    ) ${clustered}`,
    `create table channels (
      tenant_id text not null,
      name text not null,
      enabled integer not null check (enabled in (0, 1)),
      app_id text,
      settings text not null,
      secrets text not null,
      provisioned integer not null check (provisioned in (0, 1)),
      updated_at ${integer} not null,
      primary key (tenant_id, name)
    ) ${heap}`,
    `create unique index channels_app on channels (name, app_id) where app_id is not null`,
    `create table users (
      tenant_id text not null,
      uid text not null,
      name text not null,
      roles text not null,
      locale text,
      time_zone text,
      email text,
      mobile text,
      employee_id text,
      disabled integer not null default 0 check (disabled in (0, 1)),
      provisioned integer not null check (provisioned in (0, 1)),
      updated_at ${integer} not null,
      primary key (tenant_id, uid)
    ) ${clustered}`,
    `create table user_channels (
      tenant_id text not null,
      uid text not null,
      channel text not null,
      address text not null,
      provisioned integer not null check (provisioned in (0, 1)),
      updated_at ${integer} not null,
      primary key (tenant_id, uid, channel)
    ) ${clustered}`,
    `create index user_channels_by_channel on user_channels (tenant_id, channel, uid)`,
    `create table identities (
      tenant_id text not null,
      channel text not null,
      platform_user_id text not null,
      uid text not null,
      address_digest text not null,
      created_at ${integer} not null,
      primary key (tenant_id, channel, platform_user_id)
    ) ${clustered}`,
    `create unique index identities_by_person on identities (tenant_id, channel, uid)`,
    `create table api_keys (
      tenant_id text not null,
      name text not null,
      key_hash text not null,
      scopes text not null,
      webhook_secret text,
      provisioned integer not null check (provisioned in (0, 1)),
      created_at ${integer} not null,
      primary key (tenant_id, name)
    ) ${clustered}`,
    `create unique index api_keys_by_hash on api_keys (key_hash)`,
    `create table approval_templates (
      tenant_id text not null,
      id text not null,
      module text not null,
      template text not null,
      position integer not null,
      provisioned integer not null check (provisioned in (0, 1)),
      primary key (tenant_id, id)
    ) ${heap}`,
    `create index approval_templates_by_module on approval_templates (tenant_id, module, position)`,
    `create table notification_rules (
      tenant_id text not null,
      module text not null,
      event text not null,
      enabled integer not null check (enabled in (0, 1)),
      channels text,
      additional_users text not null,
      provisioned integer not null check (provisioned in (0, 1)),
      primary key (tenant_id, module, event)
    ) ${clustered}`,
    `create table host_values (
      name text not null primary key,
      value text not null
    ) ${clustered}`,
  ],
}
