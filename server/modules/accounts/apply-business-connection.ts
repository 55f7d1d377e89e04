import { AppError } from '#server/base/errors.ts'
import { type SecretBox, randomToken } from '#server/base/secret.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import type { Db } from '#server/db/pool.ts'
import { type OperatorTx, type TenantTx, asOperator, withinTenant } from '#server/db/tenant-scope.ts'
import { lockSubscription, requireEntitlement } from '#server/modules/billing/index.ts'
import { listMemberships, recordAudit } from '#server/modules/tenancy/index.ts'

import { webhookSecretContext } from './account.rules.ts'
import { type SealedAccount, lockByTelegramId, selectAccount, selectAccounts } from './account.store.ts'
import type { Actor } from './accounts-deps.ts'
import { type BusinessConnection, type UnlinkedReason, chooseTenant, staysEnded } from './business.rules.ts'
import {
  type BusinessAccountRow,
  deleteConnection,
  insertBusinessAccount,
  lockConnection,
  saveBusinessAccount,
  saveConnection,
  saveUnlinkedReason,
} from './business.store.ts'
import { recordAccountLost } from './record-account-lost.ts'

export interface BusinessDeps {
  readonly db: Db
  readonly box: SecretBox
  /** The tenant for which this person is at the step of linking an account; null for nobody's. */
  readonly findAwaitingTenant?: (telegramId: number) => Promise<number | null>
}

export interface ConnectionNews {
  /** The bot that was told. */
  readonly viaAccountId: number
  readonly updateId: number
  readonly connection: BusinessConnection
}

/**
 * Applies what a bot was told of its connection with a person. A connection that is on makes or changes the account of
 * kind `business` of the tenant it belongs to: a new id and other rights are followed, a full package leaves it
 * disconnected with the reason `over_package_limit`; one that ended disconnects the account with `business_disconnected`.
 * One that fits no tenant, or several, is kept until somebody says whose it is (`linkBusinessConnection`). Emits
 * `account.linked` and `account.lost`. Idempotent; older news changes nothing. Owns its transaction.
 */
export const applyBusinessConnection = async (deps: BusinessDeps, news: ConnectionNews, at: number): Promise<void> => {
  const awaitingTenantId = (await deps.findAwaitingTenant?.(news.connection.ownerTelegramId)) ?? null
  await asOperator(deps.db, 'apply a business connection', (tx) => applyNews(deps, tx, news, awaitingTenantId, at))
}

const applyNews = async (
  deps: BusinessDeps,
  tx: OperatorTx,
  news: ConnectionNews,
  awaitingTenantId: number | null,
  at: number,
): Promise<void> => {
  const { viaAccountId, connection } = news
  const via = await selectAccount(tx, { id: viaAccountId })
  if (via?.kind !== 'bot') return
  const known = await lockConnection(tx, viaAccountId, connection.ownerTelegramId)
  if (known && known.updateId >= news.updateId) return
  await saveConnection(tx, viaAccountId, connection, news.updateId, at)
  const account = await findOf(tx, connection.ownerTelegramId)
  const isOurs = account?.kind === 'business' && account.viaAccountId === viaAccountId
  if (!connection.isEnabled) {
    if (isOurs)
      await withinTenant(tx, account.tenantId, (own) => recordAccountLost(own, account.id, 'business_disconnected', at))
    else await deleteConnection(tx, viaAccountId, connection.ownerTelegramId)
    return
  }
  const choice = isOurs ? { tenantId: account.tenantId } : await choose(tx, via, connection, awaitingTenantId)
  const reason =
    'reason' in choice
      ? choice.reason
      : await linkWithin(deps, tx, choice.tenantId, { via, connection, wasEnabled: known?.isEnabled ?? false }, at)
  await saveUnlinkedReason(tx, { viaAccountId, ownerTelegramId: connection.ownerTelegramId }, reason)
}

const findOf = async (tx: OperatorTx, telegramId: number): Promise<SealedAccount | null> =>
  (await selectAccounts(tx)).find((account) => account.telegramId === telegramId) ?? null

const choose = async (
  tx: OperatorTx,
  via: SealedAccount,
  { ownerTelegramId }: BusinessConnection,
  awaitingTenantId: number | null,
) => chooseTenant({ via, ownerTelegramId, memberships: await listMemberships(tx, ownerTelegramId), awaitingTenantId })

interface Link {
  readonly via: SealedAccount
  readonly connection: BusinessConnection
  /** Whether the connection was on before. */
  readonly wasEnabled: boolean
}

const linkWithin = (
  deps: BusinessDeps,
  tx: OperatorTx,
  tenantId: number,
  link: Link,
  at: number,
): Promise<UnlinkedReason | null> =>
  withinTenant(tx, tenantId, async (own) => {
    const linked = await linkBusinessAccount(deps, own, link, { by: 'system', at })
    return linked === null ? 'linked_elsewhere' : null
  })

/**
 * Makes the connection an account of the transaction's tenant, or follows its change; null when the owner is linked
 * already, elsewhere or in another way. Locks the subscription.
 */
export const linkBusinessAccount = async (
  deps: Pick<BusinessDeps, 'box'>,
  tx: TenantTx,
  { via, connection, wasEnabled }: Link,
  actor: Actor,
): Promise<number | null> => {
  // Before any account, as everywhere.
  await lockSubscription(tx)
  const own = await lockByTelegramId(tx, connection.ownerTelegramId)
  if (own && own.kind !== 'business') return null
  const base = { connection, viaAccountId: via.id, apiRoot: via.apiRoot }
  if (own && (own.state !== 'disconnected' || (actor.by === 'system' && staysEnded(own.stateReason, wasEnabled)))) {
    await saveBusinessAccount(tx, own.id, { ...base, state: own.state, stateReason: own.stateReason }, null)
    await audit(tx, 'account.business_changed', own.id, connection, actor)
    return own.id
  }
  const isFull = !(await hasRoom(tx, actor.at))
  const row: BusinessAccountRow = isFull
    ? { ...base, state: 'disconnected', stateReason: 'over_package_limit' }
    : { ...base, state: 'active', stateReason: null }
  const id = own ? await relink(tx, own.id, row, actor.at) : await insert(deps, tx, row, actor.at)
  if (id === null) return null
  await audit(tx, isFull ? 'account.link_refused' : 'account.linked', id, connection, actor)
  await emitEvents(tx, actor.at, [
    isFull
      ? { type: 'account.lost', payload: { accountId: id, reason: 'over_package_limit' } }
      : { type: 'account.linked', payload: { accountId: id } },
  ])
  return id
}

/** A refusal is no failure here: the connection is there, whatever our package says. */
export const hasRoom = async (tx: TenantTx, at: number): Promise<boolean> => {
  try {
    await requireEntitlement(tx, 'accounts', { at })
    return true
  } catch (error) {
    if (error instanceof AppError && error.kind === 'limit_reached') return false
    throw error
  }
}

const relink = async (tx: TenantTx, id: number, row: BusinessAccountRow, at: number): Promise<number> => {
  await saveBusinessAccount(tx, id, row, at)
  return id
}

const insert = (
  { box }: Pick<BusinessDeps, 'box'>,
  tx: TenantTx,
  row: BusinessAccountRow,
  at: number,
): Promise<number | null> => {
  const context = webhookSecretContext(tx.tenantId, row.connection.ownerTelegramId)
  const secret = { webhookKey: randomToken(24), webhookSecretSealed: box.seal(randomToken(32), context) }
  return insertBusinessAccount(tx, { ...row, ...secret }, at)
}

const audit = (
  tx: TenantTx,
  action: string,
  id: number,
  { ownerTelegramId, rights }: BusinessConnection,
  { by, at }: Actor,
): Promise<void> =>
  recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action,
    target: `account:${id}`,
    detail: { telegramId: ownerTelegramId, rights: rights.join(' ') },
    at,
  })
