import type { Migration } from './migration.ts'

/** When each kind of thing last came in from a platform; kept longer than the callbacks themselves. */
export const sightings: Migration = {
  name: '011-sightings',
  up: ({ integer, clustered }) => [
    `create table sightings (
      tenant_id text not null,
      channel text not null,
      app_id text not null,
      way text not null check (way in ('http', 'connection')),
      kind text not null,
      at ${integer} not null,
      primary key (tenant_id, channel, app_id, way, kind)
    ) ${clustered}`,
  ],
}
