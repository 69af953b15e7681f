import type { DdlDialect, Migration } from './migration.ts'

/** Tickets, who sees them in which list, what happened to them, and the audit. */
export const tickets: Migration = {
  name: '002-tickets',
  up: (ddl) => [
    // The large columns come last, so that a search reads past none of them.
    `create table tickets (
      tenant_id text not null,
      id text not null,
      number ${ddl.integer} not null,
      external_id text,
      idempotency_key text,
      request_hash text not null,
      api_key_name text,
      template text,
      module text not null,
      title text not null,
      submitter text not null,
      risk text not null,
      status text not null,
      current_node integer not null,
      reached_node integer not null,
      version integer not null,
      content_version integer not null,
      content_hash text not null,
      search_text text not null,
      created_at ${ddl.integer} not null,
      updated_at ${ddl.integer} not null,
      decided_at ${ddl.integer},
      surfaces text,
      reject_when_quorum_impossible integer not null check (reject_when_quorum_impossible in (0, 1)),
      callback_url text,
      cc text not null,
      nodes text not null,
      content text not null,
      primary key (tenant_id, id)
    ) ${ddl.heap}`,
    `create unique index tickets_by_number on tickets (tenant_id, number)`,
    `create unique index tickets_by_external_id on tickets (tenant_id, external_id) where external_id is not null`,
    `create unique index tickets_by_idempotency_key on tickets (tenant_id, idempotency_key)
      where idempotency_key is not null`,
    `create table ticket_people (
      tenant_id text not null,
      ticket_id text not null,
      uid text not null,
      tab text not null check (tab in ('pending', 'done', 'submitted', 'cc')),
      sort_at ${ddl.integer} not null,
      primary key (tenant_id, ticket_id, uid, tab)
    ) ${ddl.clustered}`,
    `create index ticket_people_by_list on ticket_people (tenant_id, uid, tab, sort_at desc, ticket_id desc)`,
    `create table ticket_history (
      tenant_id text not null,
      ticket_id text not null,
      seq integer not null,
      at ${ddl.integer} not null,
      actor text not null,
      action text not null,
      via text not null,
      comment text,
      node integer,
      content_version integer not null,
      primary key (tenant_id, ticket_id, seq)
    ) ${ddl.clustered}`,
    `create unique index ticket_history_decisions
      on ticket_history (tenant_id, ticket_id, content_version, node, actor) where action in ('approve', 'reject')`,
    `create table audit (
      tenant_id text not null,
      seq ${ddl.integer} not null,
      at ${ddl.integer} not null,
      actor text not null,
      action text not null,
      target text not null,
      detail text not null,
      prev_mac text not null,
      mac text not null,
      primary key (tenant_id, seq)
    ) ${ddl.clustered}`,
    `create index audit_by_target on audit (tenant_id, target, seq)`,
    ...appendOnly(ddl),
  ],
}

/** A speed bump before whoever can write the table; the keyed chain is the proof. */
function appendOnly({ engine }: DdlDialect): string[] {
  if (engine === 'sqlite') {
    return ['update', 'delete'].map(
      (event) => `create trigger audit_refuses_${event} before ${event} on audit
        begin select raise(abort, 'the audit is append-only'); end`,
    )
  }
  return [
    `create function audit_is_append_only() returns trigger language plpgsql as
      $$ begin raise exception 'the audit is append-only'; end $$`,
    `create trigger audit_refuses_change before update or delete or truncate on audit
      for each statement execute function audit_is_append_only()`,
  ]
}
