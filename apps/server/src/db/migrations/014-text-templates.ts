import type { Migration } from './migration.ts'

/** What a tenant says in its own words. */
export const textTemplates: Migration = {
  name: '014-text-templates',
  up: ({ integer, clustered }) => [
    `create table text_templates (
      tenant_id text not null,
      kind text not null,
      channel text not null,
      locale text not null,
      title text not null,
      body text not null,
      updated_at ${integer} not null,
      updated_by text not null,
      primary key (tenant_id, kind, channel, locale)
    ) ${clustered}`,
  ],
}
