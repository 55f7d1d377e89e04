import { sql } from 'kysely'

import type { SecretBox } from '#server/base/secret.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'
import { secondFactorContext } from '#server/modules/tenancy/index.ts'

import { tokenContext, webhookSecretContext } from './account.rules.ts'
import { attemptContext } from './login.rules.ts'
import { sessionKeyContext, sessionValueContext, tenantKeyContext } from './user-session.rules.ts'

type Row = Readonly<Record<string, string | number>>

/** A column of sealed values, and what each of them is bound to. */
export interface SealedColumn {
  readonly table: string
  readonly column: string
  /** Names the row, and with it the context. */
  readonly columns: readonly string[]
  readonly contextOf: (row: Row) => string
}

const num = (row: Row, name: string): number => Number(row[name])

/** What the key of a tenant's language model is bound to. */
export const modelKeyContext = (tenantId: number): string => `model_setting.api_key:${tenantId}`

/** What the secret of an endpoint for webhooks is bound to, and the one of before. */
export const endpointSecretContext = (tenantId: number, id: number): string =>
  `webhook_endpoint.secret:${tenantId}:${id}`
export const oldEndpointSecretContext = (tenantId: number, id: number): string =>
  `webhook_endpoint.old_secret:${tenantId}:${id}`

/** What the kept answer of a call is bound to; `key` is the caller's own. */
export const callAnswerContext = (tenantId: number, caller: string, key: string): string =>
  `api_call.answer:${tenantId}:${caller}:${key}`

const account = (column: string, context: (tenantId: number, telegramId: number) => string): SealedColumn => ({
  table: 'account',
  column,
  columns: ['tenant_id', 'telegram_id'],
  contextOf: (row) => context(num(row, 'tenant_id'), num(row, 'telegram_id')),
})

const attempt = (column: string, part: Parameters<typeof attemptContext>[0]): SealedColumn => ({
  table: 'login_attempt',
  column,
  columns: ['tenant_id', 'id', 'session_id'],
  contextOf: (row) => attemptContext(part, num(row, 'tenant_id'), num(row, 'session_id')),
})

const endpoint = (column: string, context: (tenantId: number, id: number) => string): SealedColumn => ({
  table: 'webhook_endpoint',
  column,
  columns: ['tenant_id', 'id'],
  contextOf: (row) => context(num(row, 'tenant_id'), num(row, 'id')),
})

/** What the installation's key seals. */
export const MASTER_SEALED: readonly SealedColumn[] = [
  account('token_sealed', tokenContext),
  account('webhook_secret_sealed', webhookSecretContext),
  {
    table: 'tenant_key',
    column: 'key_sealed',
    columns: ['tenant_id'],
    contextOf: (row) => tenantKeyContext(num(row, 'tenant_id')),
  },
  {
    table: 'second_factor',
    column: 'secret_sealed',
    columns: ['person'],
    contextOf: (row) => secondFactorContext(num(row, 'person')),
  },
  attempt('phone_sealed', 'phone'),
  attempt('code_hash_sealed', 'code_hash'),
  attempt('hint_sealed', 'hint'),
  attempt('qr_url_sealed', 'qr'),
]

/** What a tenant's data key seals. */
export const TENANT_SEALED: readonly SealedColumn[] = [
  {
    table: 'user_session_value',
    column: 'value_sealed',
    columns: ['tenant_id', 'session_id', 'name'],
    contextOf: (row) => sessionValueContext(num(row, 'tenant_id'), num(row, 'session_id'), String(row['name'])),
  },
  {
    table: 'user_session_key',
    column: 'key_sealed',
    columns: ['tenant_id', 'session_id', 'dc', 'slot'],
    contextOf: (row) =>
      sessionKeyContext(num(row, 'tenant_id'), num(row, 'session_id'), num(row, 'dc'), num(row, 'slot')),
  },
  {
    table: 'model_setting',
    column: 'api_key_sealed',
    columns: ['tenant_id'],
    contextOf: (row) => modelKeyContext(num(row, 'tenant_id')),
  },
  endpoint('secret_sealed', endpointSecretContext),
  endpoint('old_secret_sealed', oldEndpointSecretContext),
  {
    table: 'api_call',
    column: 'answer_sealed',
    columns: ['tenant_id', 'caller', 'key'],
    contextOf: (row) => callAnswerContext(num(row, 'tenant_id'), String(row['caller']), String(row['key'])),
  },
]

/** Keeps everybody else from writing into the tables until the transaction ends. */
export const lockSealed = async (tx: OperatorTx, columns: readonly SealedColumn[]): Promise<void> => {
  const tables = [...new Set(columns.map(({ table }) => table))].map((table) => sql.table(table))
  await sql`lock table ${sql.join(tables)} in share row exclusive mode`.execute(tx)
}

/**
 * Opens every value of the column with `from` and seals it with `to`, in the rows that the transaction sees. Returns
 * how many. Errors: `internal/secret_unreadable` for the first that does not open.
 */
export const resealColumn = async (
  tx: TenantTx | OperatorTx,
  { table, column, columns, contextOf }: SealedColumn,
  from: SecretBox,
  to: SecretBox,
): Promise<number> => {
  const names = sql.join(columns.map((name) => sql.ref(name)))
  const { rows } = await sql<Row & { readonly sealed: Buffer }>`
    select ${names}, ${sql.ref(column)} as sealed from ${sql.table(table)} where ${sql.ref(column)} is not null`.execute(
    tx,
  )
  for (const row of rows) {
    const context = contextOf(row)
    const sealed = to.sealBytes(from.openBytes(row.sealed, context), context)
    const isRow = sql.join(
      columns.map((name) => sql`${sql.ref(name)} = ${row[name]}`),
      sql` and `,
    )
    await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${sealed} where ${isRow}`.execute(tx)
  }
  return rows.length
}
