import {
  type ChannelName,
  type Locale,
  type TenantId,
  TextKind,
  type TextTemplate,
  type Uid,
} from '@countersign/contracts'
import type { Kysely, Selectable } from 'kysely'
import type { Database, TextTemplateTable } from './schema.ts'
import { statement } from './statement.ts'

/** Of which text: what it is about, through what it goes, in which language. */
export interface TextPlace {
  kind: TextKind
  channel: ChannelName
  locale: Locale
}

/** A tenant's own text. */
export interface OwnText extends TextTemplate {
  kind: TextKind
  /** Epoch milliseconds. */
  updatedAt: number
  updatedBy: Uid
}

/** What tenants say in their own words. */
export interface TextStore {
  /** Null: the default is said. */
  text(tenantId: TenantId, place: TextPlace): Promise<OwnText | null>
  /** All of a tenant for a channel, in one language or in every one. */
  texts(tenantId: TenantId, channel: ChannelName, locale: Locale): Promise<OwnText[]>
  put(tenantId: TenantId, place: TextPlace, text: TextTemplate, by: Uid, at: number): Promise<void>
  /** False when there was none. */
  remove(tenantId: TenantId, place: TextPlace): Promise<boolean>
}

export function createTextStore(db: Kysely<Database>): TextStore {
  return {
    async text(tenantId, { kind, channel, locale }) {
      const row = (await selectText(db, { tenantId, kind, channel, locale })).rows[0]
      return row === undefined ? null : ownText(row)
    },
    async texts(tenantId, channel, locale) {
      const rows = await db
        .selectFrom('text_templates')
        .selectAll()
        .where('tenant_id', '=', tenantId)
        .where('channel', '=', channel)
        .where('locale', '=', locale)
        .execute()
      return rows.map(ownText)
    },
    async put(tenantId, { kind, channel, locale }, { title, body }, by, at) {
      const said = { title, body, updated_at: at, updated_by: by }
      await db
        .insertInto('text_templates')
        .values({ tenant_id: tenantId, kind, channel, locale, ...said })
        .onConflict((conflict) => conflict.columns(['tenant_id', 'kind', 'channel', 'locale']).doUpdateSet(said))
        .execute()
    },
    async remove(tenantId, { kind, channel, locale }) {
      const removed = await db
        .deleteFrom('text_templates')
        .where('tenant_id', '=', tenantId)
        .where('kind', '=', kind)
        .where('channel', '=', channel)
        .where('locale', '=', locale)
        .executeTakeFirst()
      return removed.numDeletedRows > 0n
    },
  }
}

/** Compiled once: every message asks for it. */
const selectText = statement<
  { tenantId: string; kind: string; channel: string; locale: string },
  Selectable<TextTemplateTable>
>((db, value) =>
  db
    .selectFrom('text_templates')
    .selectAll()
    .where('tenant_id', '=', value('tenantId'))
    .where('kind', '=', value('kind'))
    .where('channel', '=', value('channel'))
    .where('locale', '=', value('locale')),
)

function ownText(row: Selectable<TextTemplateTable>): OwnText {
  const { title, body } = row
  return { kind: TextKind.parse(row.kind), title, body, updatedAt: row.updated_at, updatedBy: row.updated_by }
}
