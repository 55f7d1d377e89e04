import { type Selectable, sql } from 'kysely'

import type { RuleState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { AutomationRuleTable } from '#server/db/schema.generated.ts'
import { ahead } from '#server/db/sending-ahead.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import { type Rule, type RuleContent, contentOf } from './rule.rules.ts'

const toRule = (row: Selectable<AutomationRuleTable>): Rule => ({
  ...(row.content as RuleContent),
  id: row.rule_id,
  accountId: row.account_id,
  version: row.version,
  state: row.state as RuleState,
  name: row.name,
  priority: row.priority,
  changedBy: row.changed_by,
  changedAt: row.changed_at.getTime(),
})

/** One writer of these accounts’ rules at a time, until the transaction ends; locks the lowest account first. */
export const lockRules = async (tx: TenantTx, ...accountIds: readonly number[]): Promise<void> => {
  const inOrder = [...new Set(accountIds)].sort((one, other) => one - other)
  await sql`${ahead}
    select pg_advisory_xact_lock(hashtextextended('rules', id)) from unnest(${inOrder}::bigint[]) as account (id)`.execute(
    tx,
  )
}

/**
 * Names these accounts’ rules as they stand, in this database: another name means that one of them changed. Accounts that
 * never had any are left out.
 */
export const findRuleRevisions = async (
  tx: TenantTx,
  accountIds: readonly number[],
): Promise<ReadonlyMap<number, string>> => {
  // The transaction that wrote the newest: numbers alone are the same in a database that was set up anew.
  const { rows } = await sql<{ account_id: number; revision: string }>`
    select a.account_id, r.revision from unnest(${accountIds}::bigint[]) as a (account_id)
    cross join lateral (
      select change_id || ':' || xmin::text as revision from automation_rule
      where tenant_id = ${tx.tenantId} and account_id = a.account_id order by change_id desc limit 1) r`.execute(tx)
  return new Map(rows.map((row) => [row.account_id, row.revision]))
}

const rules = (tx: TenantTx) => tx.selectFrom('automation_rule').selectAll().where('tenant_id', '=', tx.tenantId)

/** The account's rules as they stand, in the order they are asked; removed ones are left out. */
export const selectRules = async (tx: TenantTx, accountId: number): Promise<readonly Rule[]> =>
  (
    await rules(tx)
      .where('account_id', '=', accountId)
      .where('is_current', '=', true)
      .where('state', '<>', 'removed')
      .orderBy('priority', 'desc')
      .orderBy('rule_id')
      .execute()
  ).map(toRule)

/** A rule as it stands, also one that was removed; null where there is none. */
export const findRule = async (tx: TenantTx, id: number): Promise<Rule | null> => {
  const row = await rules(tx).where('rule_id', '=', id).where('is_current', '=', true).executeTakeFirst()
  return row ? toRule(row) : null
}

/** Every version of a rule, newest first. */
export const selectRuleVersions = async (tx: TenantTx, id: number): Promise<readonly Rule[]> =>
  (await rules(tx).where('rule_id', '=', id).orderBy('version', 'desc').execute()).map(toRule)

/** A version to be written; without an id it is the first of a new rule. */
export type NewRuleVersion = Omit<Rule, 'id'> & { readonly id: number | null }

/** Puts a version in force. The caller holds {@link lockRules} and knows the name to be free. Gives the rule's id. */
export const insertRuleVersion = async (tx: TenantTx, rule: NewRuleVersion): Promise<number> => {
  if (rule.id !== null)
    await tx
      .updateTable('automation_rule')
      .set({ is_current: false })
      .where('tenant_id', '=', tx.tenantId)
      .where('rule_id', '=', rule.id)
      .where('is_current', '=', true)
      .execute()
  const { rule_id: id } = await tx
    .insertInto('automation_rule')
    .values({
      tenant_id: tx.tenantId,
      ...(rule.id !== null && { rule_id: rule.id }),
      account_id: rule.accountId,
      version: rule.version,
      is_current: true,
      state: rule.state,
      name: rule.name,
      priority: rule.priority,
      content: JSON.stringify(contentOf(rule)),
      changed_by: rule.changedBy,
      changed_at: toDate(rule.changedAt),
    })
    .returning('rule_id')
    .executeTakeFirstOrThrow()
  return id
}
