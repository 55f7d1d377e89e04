import { sql } from 'kysely'

import type { LayoutScreen } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { Layout, Widget } from './layout.rules.ts'

/** Whose order of which screen. */
export interface LayoutKey {
  readonly owner: string
  readonly screen: LayoutScreen
}

/** As it is stored; null where nothing was ever changed. */
export const findLayout = async (tx: TenantTx, { owner, screen }: LayoutKey): Promise<Layout | null> => {
  const row = await tx
    .selectFrom('panel_layout')
    .select(['widgets', 'version', 'updated_at'])
    .where('tenant_id', '=', tx.tenantId)
    .where('owner', '=', owner)
    .where('screen', '=', screen)
    .executeTakeFirst()
  if (!row) return null
  return {
    widgets: row.widgets as readonly Widget[],
    version: row.version,
    updatedAt: row.updated_at.getTime(),
  }
}

/** Writes an order and returns its version. One who writes at the same time waits here. */
export const saveWidgets = async (
  tx: TenantTx,
  { owner, screen }: LayoutKey,
  widgets: readonly Widget[],
  at: number,
): Promise<number> => {
  const { rows } = await sql<{ version: number }>`
    insert into panel_layout (tenant_id, owner, screen, widgets, updated_at)
    values (${tx.tenantId}, ${owner}, ${screen}, ${JSON.stringify(widgets)}::jsonb, ${toDate(at)})
    on conflict (tenant_id, owner, screen) do update
      set widgets = excluded.widgets, updated_at = excluded.updated_at, version = panel_layout.version + 1
    returning version`.execute(tx)
  return rows[0]?.version ?? 1
}
