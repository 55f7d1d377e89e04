import { z } from 'zod'

import { AppError, invalid } from '#server/base/errors.ts'
import type { SecretBox } from '#server/base/secret.ts'
import { listLeases } from '#server/db/lease.ts'
import type { OperatorTx, TenantTx } from '#server/db/tenant-scope.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import { tokenContext, webhookSecretContext } from './account.rules.ts'
import { type SealedAccount, lockByTelegramId, selectAccounts } from './account.store.ts'
import type { Actor } from './accounts-deps.ts'
import { dropUnreadable, saveSecrets, selectPeers, selectTenantSlugs } from './credentials-archive.store.ts'
import { openTenantKey } from './open-tenant-key.ts'
import { sessionKeyContext, sessionValueContext } from './user-session.rules.ts'
import {
  deleteKeys,
  insertSession,
  saveKeys,
  savePeers,
  saveValues,
  selectKeys,
  selectSession,
  selectValues,
} from './user-session.store.ts'

const id = z.int()
const sessionShape = z.strictObject({
  apiRoot: z.string().nullable(),
  values: z.array(z.strictObject({ name: z.string(), value: z.base64() })),
  keys: z.array(z.strictObject({ dc: id, slot: id, key: z.base64(), expiresAt: id })),
  peers: z.array(z.strictObject({ peerId: id, accessHash: z.string(), usernames: z.array(z.string()) })),
})
type SessionCopy = z.infer<typeof sessionShape>

const credentialsShape = z.strictObject({
  version: z.literal(1),
  accounts: z.array(
    z.strictObject({
      tenant: z.string(),
      telegramId: id,
      token: z.string().nullable(),
      webhookKey: z.string(),
      webhookSecret: z.string(),
      session: sessionShape.nullable(),
    }),
  ),
})

/** Every credential of the installation in the open: only to be sealed at once, never written or logged. */
export type Credentials = z.infer<typeof credentialsShape>

/**
 * Reads every credential of the installation: tokens, webhook secrets, sessions. Errors: `internal/secret_unreadable`.
 */
export const collectCredentials = async (tx: OperatorTx, box: SecretBox, at: number): Promise<Credentials> => {
  const slugs = new Map([...(await selectTenantSlugs(tx))].map(([slug, tenantId]) => [tenantId, slug]))
  const accounts: Credentials['accounts'] = []
  for (const account of await selectAccounts(tx)) {
    const { tenantId, telegramId, tokenSealed, webhookSecretSealed, webhookKey, sessionId } = account
    accounts.push({
      tenant: slugs.get(tenantId) ?? '',
      telegramId,
      token: tokenSealed && box.open(tokenSealed, tokenContext(tenantId, telegramId)),
      webhookKey,
      webhookSecret: box.open(webhookSecretSealed, webhookSecretContext(tenantId, telegramId)),
      session: sessionId === null ? null : await copySession(asTenant(tx, tenantId), box, sessionId, at),
    })
  }
  return { version: 1, accounts }
}

const copySession = async (
  tx: TenantTx,
  box: SecretBox,
  sessionId: number,
  at: number,
): Promise<SessionCopy | null> => {
  const session = await selectSession(tx, sessionId)
  if (!session) return null
  const own = await openTenantKey(tx, box, at)
  const values = await selectValues(tx, sessionId)
  const keys = await selectKeys(tx, { sessionId })
  const open = (sealed: Buffer, context: string) => own.openBytes(sealed, context).toString('base64')
  return {
    apiRoot: session.apiRoot,
    values: values.map(({ name, valueSealed }) => ({
      name,
      value: open(valueSealed, sessionValueContext(tx.tenantId, sessionId, name)),
    })),
    keys: keys.map(({ dc, slot, keySealed, expiresAt }) => ({
      dc,
      slot,
      expiresAt,
      key: open(keySealed, sessionKeyContext(tx.tenantId, sessionId, dc, slot)),
    })),
    peers: (await selectPeers(tx, sessionId)).map((peer) => ({ ...peer, usernames: [...peer.usernames] })),
  }
}

export interface Restoration {
  readonly restored: number
  /** Accounts of the copy that this installation does not have, as `tenant/telegram id`. */
  readonly missing: readonly string[]
}

/**
 * Puts a copy's credentials in the place of those the accounts have, sealed for this installation, in the caller's
 * transaction. Accounts go by tenant and Telegram id; what is not here is left out and named. No server may run: two
 * that use one session cost it its key. Audited. Errors: `conflict/server_running`, `invalid/archive_malformed`.
 */
export const restoreCredentials = async (
  tx: OperatorTx,
  box: SecretBox,
  copy: unknown,
  actor: Actor,
): Promise<Restoration> => {
  const parsed = credentialsShape.safeParse(copy)
  if (!parsed.success) throw invalid('archive_malformed', 'file')
  const [lease] = await listLeases(tx)
  if (lease) throw new AppError('conflict', 'server_running', { holder: lease.holder })
  const slugs = await selectTenantSlugs(tx)
  const missing: string[] = []
  let restored = 0
  for (const [slug, accounts] of Map.groupBy(parsed.data.accounts, ({ tenant }) => tenant)) {
    const tenantId = slugs.get(slug)
    const within = tenantId === undefined ? null : asTenant(tx, tenantId)
    if (within && !(await opensTenantKey(within, box, actor.at))) await dropUnreadable(within)
    for (const account of accounts) {
      const own = within && (await lockByTelegramId(within, account.telegramId))
      if (!within || !own) missing.push(`${slug}/${account.telegramId}`)
      else {
        await restoreAccount(within, box, own, account, actor)
        restored += 1
      }
    }
  }
  return { restored, missing }
}

/** The operator's transaction turned to one tenant; to another one by the next call. */
const asTenant = (tx: OperatorTx, tenantId: number): TenantTx => Object.assign(tx, { tenantId }) as TenantTx

const opensTenantKey = async (tx: TenantTx, box: SecretBox, at: number): Promise<boolean> => {
  try {
    await openTenantKey(tx, box, at)
    return true
  } catch (error) {
    if (error instanceof AppError && error.code === 'secret_unreadable') return false
    throw error
  }
}

const restoreAccount = async (
  tx: TenantTx,
  box: SecretBox,
  own: SealedAccount,
  copy: Credentials['accounts'][number],
  { by, at }: Actor,
): Promise<void> => {
  const { tenantId } = tx
  const { telegramId } = copy
  await saveSecrets(tx, own.id, {
    tokenSealed: copy.token === null ? null : box.seal(copy.token, tokenContext(tenantId, telegramId)),
    webhookKey: copy.webhookKey,
    webhookSecretSealed: box.seal(copy.webhookSecret, webhookSecretContext(tenantId, telegramId)),
    sessionId: copy.session ? await restoreSession(tx, box, own.sessionId, copy.session, at) : own.sessionId,
  })
  const target = `account:${own.id}`
  await recordAudit(tx, { tenantId, actor: by, action: 'account.credentials_restored', target, at })
}

const restoreSession = async (
  tx: TenantTx,
  box: SecretBox,
  existing: number | null,
  copy: SessionCopy,
  at: number,
): Promise<number> => {
  const sessionId = existing ?? (await insertSession(tx, copy.apiRoot, at))
  const own = await openTenantKey(tx, box, at)
  const seal = (plain: string, context: string) => own.sealBytes(Buffer.from(plain, 'base64'), context)
  await deleteKeys(tx, sessionId)
  await saveValues(
    tx,
    copy.values.map(({ name, value }) => ({
      sessionId,
      name,
      valueSealed: seal(value, sessionValueContext(tx.tenantId, sessionId, name)),
    })),
  )
  await saveKeys(
    tx,
    copy.keys.map(({ dc, slot, key, expiresAt }) => ({
      sessionId,
      dc,
      slot,
      expiresAt,
      keySealed: seal(key, sessionKeyContext(tx.tenantId, sessionId, dc, slot)),
    })),
  )
  await savePeers(tx, sessionId, copy.peers)
  return sessionId
}
