import type { Migration } from './migration.ts'

/** Links in mails that decide: each for one person, one action, one content. */
export const decisionLinks: Migration = {
  name: '009-decision-links',
  up: ({ integer, clustered }) => [
    `create table decision_links (
      tenant_id text not null,
      token_hash text not null,
      salt text not null,
      delivery_key text not null,
      uid text not null,
      address_digest text not null,
      ticket_id text not null,
      node integer not null,
      content_hash text not null,
      action text not null check (action in ('approve', 'reject')),
      created_at ${integer} not null,
      expires_at ${integer} not null,
      spent_at ${integer},
      primary key (tenant_id, token_hash)
    ) ${clustered}`,
    // A mail that is sent once more carries the same links.
    `create unique index decision_links_by_delivery
      on decision_links (tenant_id, delivery_key, node, content_hash, action)`,
    `create index decision_links_by_expiry on decision_links (expires_at)`,
  ],
}
