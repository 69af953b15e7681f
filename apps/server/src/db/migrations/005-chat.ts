import type { Migration } from './migration.ts'

/** What the bot has to say, and what it waits to have confirmed. */
export const chat: Migration = {
  name: '005-chat',
  up: ({ integer, clustered, heap }) => [
    // The text and addressee of a delivery whose event is `reply`.
    `create table chat_replies (
      tenant_id text not null,
      delivery_id text not null,
      platform_user_id text not null,
      text text not null,
      at ${integer} not null,
      primary key (tenant_id, delivery_id)
    ) ${heap}`,
    `create index chat_replies_by_time on chat_replies (at)`,
    // One per person and ticket: a new question takes the place of the old one.
    `create table chat_confirmations (
      tenant_id text not null,
      uid text not null,
      channel text not null,
      ticket_id text not null,
      node integer not null,
      content_hash text not null,
      action text not null check (action in ('approve', 'reject')),
      comment text,
      expires_at ${integer} not null,
      primary key (tenant_id, uid, channel, ticket_id)
    ) ${clustered}`,
    `create index chat_confirmations_by_expiry on chat_confirmations (expires_at)`,
  ],
}
