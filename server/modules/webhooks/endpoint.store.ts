import { type Selectable, sql } from 'kysely'

import type { WebhookDisabling, WebhookKind, WebhookState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { WebhookEndpointTable } from '#server/db/schema.generated.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'

import type { WebhookEndpoint } from './webhook.rules.ts'

type Row = Selectable<WebhookEndpointTable>

const toEndpoint = (row: Row & { readonly waiting: number; readonly failed: number }): WebhookEndpoint => ({
  id: row.id,
  name: row.name,
  url: row.url,
  kinds: row.kinds as WebhookKind[],
  state: row.state as WebhookState,
  disabledReason: row.disabled_reason as WebhookDisabling | null,
  failingSince: row.failing_since?.getTime() ?? null,
  lastSuccessAt: row.last_success_at?.getTime() ?? null,
  oldSecretUntil: row.old_secret_until?.getTime() ?? null,
  createdBy: row.created_by,
  createdAt: row.created_at.getTime(),
  waiting: row.waiting,
  failed: row.failed,
})

/** The tenant's endpoints, or those of these ids, oldest first. */
export const listEndpoints = async (tx: TenantTx, ids?: readonly number[]): Promise<readonly WebhookEndpoint[]> => {
  const { rows } = await sql<Row & { waiting: number; failed: number }>`
    select e.*, c.waiting, c.failed from webhook_endpoint e left join lateral (
      select count(*) filter (where d.state = 'waiting')::int as waiting,
        count(*) filter (where d.state = 'failed')::int as failed
      from webhook_delivery d where d.tenant_id = e.tenant_id and d.endpoint_id = e.id) c on true
    where e.tenant_id = ${tx.tenantId} and (${ids === undefined} or e.id = any(${[...(ids ?? [])]}::bigint[]))
    order by e.id`.execute(tx)
  return rows.map(toEndpoint)
}

/** How many the tenant has; nobody adds one before `tx` ends. */
export const countEndpointsLocked = async (tx: TenantTx): Promise<number> => {
  await sql`select from tenant where id = ${tx.tenantId} for no key update`.execute(tx)
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from webhook_endpoint where tenant_id = ${tx.tenantId}`.execute(tx)
  return rows[0]?.count ?? 0
}

export interface NewEndpoint {
  readonly name: string
  readonly url: string
  readonly kinds: readonly WebhookKind[]
  readonly by: string
  readonly at: number
}

/** Writes the endpoint; `seal` is given its id, which its secret is bound to. */
export const insertEndpoint = async (
  tx: TenantTx,
  { name, url, kinds, by, at }: NewEndpoint,
  seal: (id: number) => Buffer,
): Promise<number> => {
  const { id } = await tx
    .insertInto('webhook_endpoint')
    .values({
      tenant_id: tx.tenantId,
      name,
      url,
      kinds: [...kinds],
      state: 'active',
      secret_sealed: Buffer.alloc(0),
      active_since: toDate(at),
      created_by: by,
      created_at: toDate(at),
      changed_at: toDate(at),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await saveSecret(tx, id, { sealed: seal(id), oldUntil: null })
  return id
}

/** Writes a new secret. The one of before is kept beside it until `oldUntil`, or forgotten. */
export const saveSecret = async (
  tx: TenantTx,
  id: number,
  { sealed, oldUntil, old }: { readonly sealed: Buffer; readonly oldUntil: number | null; readonly old?: Buffer },
): Promise<void> => {
  await tx
    .updateTable('webhook_endpoint')
    .set({
      secret_sealed: sealed,
      old_secret_sealed: oldUntil === null ? null : (old ?? null),
      old_secret_until: oldUntil === null ? null : toDate(oldUntil),
    })
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .execute()
}

export interface SealedSecrets {
  readonly url: string
  readonly state: WebhookState
  readonly sealed: Buffer
  readonly old: Buffer | null
  readonly oldUntil: number | null
}

/** What a call to the endpoint takes; null without such an endpoint. Locked, it stays so until the end of `tx`. */
export const findSecrets = async (
  tx: TenantTx,
  id: number,
  lock: 'locked' | 'as it is',
): Promise<SealedSecrets | null> => {
  const query = tx
    .selectFrom('webhook_endpoint')
    .select(['url', 'state', 'secret_sealed', 'old_secret_sealed', 'old_secret_until'])
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
  const row = await (lock === 'locked' ? query.forNoKeyUpdate() : query).executeTakeFirst()
  return row
    ? {
        url: row.url,
        state: row.state as WebhookState,
        sealed: row.secret_sealed,
        old: row.old_secret_sealed,
        oldUntil: row.old_secret_until?.getTime() ?? null,
      }
    : null
}

export interface EndpointChange {
  readonly name?: string
  readonly url?: string
  readonly kinds?: readonly WebhookKind[]
  readonly state?: 'active' | 'paused'
}

/** Writes what is given. Activated, it is told what happens from `at` on, and its failures are forgotten. False without such an endpoint. */
export const saveEndpoint = async (
  tx: TenantTx,
  id: number,
  { name, url, kinds, state }: EndpointChange,
  at: number,
): Promise<boolean> => {
  const { rows } = await sql`
    update webhook_endpoint e set changed_at = ${toDate(at)}, name = coalesce(${name ?? null}, e.name),
      url = coalesce(${url ?? null}, e.url), kinds = coalesce(${kinds ? [...kinds] : null}::text[], e.kinds),
      state = coalesce(${state ?? null}, e.state),
      disabled_reason = case when ${state ?? null}::text is null then e.disabled_reason end,
      active_since = case when ${state ?? null}::text = 'active' and e.state <> 'active' then ${toDate(at)} else e.active_since end,
      failing_since = case when ${state ?? null}::text = 'active' then null else e.failing_since end
    where e.tenant_id = ${tx.tenantId} and e.id = ${id} returning e.id`.execute(tx)
  return rows.length > 0
}

/** False without such an endpoint. What was to be delivered to it goes with it. */
export const deleteEndpoint = async (tx: TenantTx, id: number): Promise<boolean> => {
  const { numDeletedRows } = await tx
    .deleteFrom('webhook_endpoint')
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', id)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

export interface ListeningEndpoint {
  readonly tenantId: number
  readonly id: number
  readonly kinds: ReadonlySet<string>
  readonly activeSince: number
}

/** The endpoints of these tenants that are told things. */
export const listListening = async (
  tx: OperatorTx,
  tenantIds: readonly number[],
): Promise<readonly ListeningEndpoint[]> => {
  const rows = await tx
    .selectFrom('webhook_endpoint')
    .select(['tenant_id', 'id', 'kinds', 'active_since'])
    .where('tenant_id', 'in', [...tenantIds])
    .where('state', '=', 'active')
    .execute()
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    id: row.id,
    kinds: new Set(row.kinds),
    activeSince: row.active_since.getTime(),
  }))
}

/** Notes a success of the endpoint, or a failure; returns since when it fails, and the state it is in. */
export const saveHealth = async (
  tx: TenantTx,
  id: number,
  isSuccess: boolean,
  at: number,
): Promise<{ readonly failingSince: number | null; readonly state: WebhookState } | null> => {
  const { rows } = await sql<{ failing_since: Date | null; state: WebhookState }>`
    update webhook_endpoint set
      failing_since = ${isSuccess ? null : sql`coalesce(failing_since, ${toDate(at)})`},
      last_success_at = case when ${isSuccess} then ${toDate(at)} else last_success_at end
    where tenant_id = ${tx.tenantId} and id = ${id} returning failing_since, state`.execute(tx)
  const [row] = rows
  return row ? { failingSince: row.failing_since?.getTime() ?? null, state: row.state } : null
}

/** Gives the endpoint up; what waits for it has failed. */
export const saveDisabled = async (tx: TenantTx, id: number, reason: WebhookDisabling, at: number): Promise<void> => {
  await sql`
    with ended as (
      update webhook_delivery set state = 'failed', ended_at = ${toDate(at)}
      where tenant_id = ${tx.tenantId} and endpoint_id = ${id} and state = 'waiting')
    update webhook_endpoint set state = 'disabled', disabled_reason = ${reason}
    where tenant_id = ${tx.tenantId} and id = ${id}`.execute(tx)
}
