import { AppError, invalid } from '#server/base/errors.ts'
import { randomToken } from '#server/base/secret.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import { type TenantTx, asOperator, inTenant } from '#server/db/tenant-scope.ts'
import type { BotProfile } from '#server/gateways/telegram/update-feed.ts'
import { lockSubscription, requireEntitlement } from '#server/modules/billing/index.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import { type Account, type UpdateMode, checkBotToken, tokenContext, webhookSecretContext } from './account.rules.ts'
import {
  type NewAccount,
  type SealedAccount,
  insertAccount,
  lockAccount,
  lockByTelegramId,
  relinkAccount,
  selectAccounts,
  withoutSecrets,
} from './account.store.ts'
import type { AccountsDeps, Actor } from './accounts-deps.ts'

export interface AddAccountInput {
  readonly tenantId: number
  /** As BotFather gives it. */
  readonly token: string
  /** Base address of the Bot API; Telegram's own when left out. */
  readonly apiRoot?: string | null
  /** Webhook where this server has a public address, else polling, when left out. */
  readonly updateMode?: UpdateMode
  /** Takes the token over for a bot this tenant has linked with another one. */
  readonly replacesToken?: boolean
  /** The person who pastes it: whom the first test message goes to. */
  readonly ownerTelegramId?: number
}

/**
 * Links a bot to a tenant: asks Telegram whose token it is, seals it, and emits `account.linked`. A bot this tenant had
 * disconnected is linked anew. Errors: `invalid` with `bot_token_format` or `bot_token_refused`,
 * `unavailable/telegram_unreachable`, `conflict` with `bot_is_panel`, `account_already_linked` or
 * `account_linked_elsewhere`, `limit_reached` as `requireEntitlement` has it.
 */
export const addAccount = async (deps: AccountsDeps, input: AddAccountInput, actor: Actor): Promise<Account> => {
  const token = checkBotToken(input.token)
  const apiRoot = input.apiRoot ?? null
  const profile = await askWhoseToken(deps, token, apiRoot)
  await refusePanel(deps, profile.telegramId)
  const { tenantId, ownerTelegramId } = input
  const account = {
    ...newBot(deps, tenantId, { profile, token, apiRoot }),
    ...(input.updateMode && { updateMode: input.updateMode }),
    ownerTelegramId,
  }
  return inTenant(deps.db, tenantId, (tx) => linkAccount(tx, account, input.replacesToken ?? false, actor))
}

/** A bot as it is kept: its token and webhook secret sealed for this tenant alone. */
export const newBot = (
  deps: AccountsDeps,
  tenantId: number,
  bot: { readonly profile: BotProfile; readonly token: string; readonly apiRoot: string | null },
): NewAccount => ({
  telegramId: bot.profile.telegramId,
  displayName: bot.profile.displayName,
  username: bot.profile.username,
  apiRoot: bot.apiRoot,
  updateMode: deps.publicUrl === null ? 'polling' : 'webhook',
  tokenSealed: deps.box.seal(bot.token, tokenContext(tenantId, bot.profile.telegramId)),
  webhookKey: randomToken(24),
  webhookSecretSealed: deps.box.seal(randomToken(32), webhookSecretContext(tenantId, bot.profile.telegramId)),
})

/** The panel's bot talks to customers of every tenant: its token, whoever has it, makes it nobody's own. */
const refusePanel = async (deps: AccountsDeps, telegramId: number): Promise<void> => {
  const all = await asOperator(deps.db, 'see whether a bot is the panel', selectAccounts)
  const isPanel = all.some((account) => account.purpose === 'panel' && account.telegramId === telegramId)
  if (isPanel) throw new AppError('conflict', 'bot_is_panel', { field: 'token' })
}

/** Errors: `invalid/bot_token_refused`, `unavailable/telegram_unreachable`. */
export const askWhoseToken = async (deps: AccountsDeps, token: string, apiRoot: string | null): Promise<BotProfile> => {
  const answer = await deps.feed.validateToken({ token, apiRoot })
  switch (answer.kind) {
    case 'done':
      return answer.value
    case 'account_lost':
    case 'rejected':
      throw invalid('bot_token_refused', 'token', { reason: answer.reason })
    case 'retry':
    case 'unknown':
      throw new AppError('unavailable', 'telegram_unreachable', { reason: answer.reason })
    case 'migrated':
      throw new AppError('internal', 'telegram_answer_impossible', { method: 'getMe' })
    default:
      return answer satisfies never
  }
}

/** Puts a bot among the tenant's accounts, in the caller's transaction. Errors: those of `addAccount` but the token's. */
export const linkAccount = async (
  tx: TenantTx,
  account: NewAccount,
  replacesToken: boolean,
  { by, at }: Actor,
): Promise<Account> => {
  // Before any account, as everywhere: who holds the package never waits for somebody who waits for the package.
  await lockSubscription(tx)
  const own = await lockByTelegramId(tx, account.telegramId)
  if (own && own.state !== 'disconnected' && !replacesToken) {
    throw new AppError('conflict', 'account_already_linked', { field: 'token', id: own.id })
  }
  if (!own || own.state === 'disconnected') await requireEntitlement(tx, 'accounts', { at })
  const id = own ? await relink(tx, own, account, at) : await linkNew(tx, account, at)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: by,
    action: 'account.linked',
    target: `account:${id}`,
    detail: { telegramId: account.telegramId },
    at,
  })
  await emitEvents(tx, at, [{ type: 'account.linked', payload: { accountId: id } }])
  const linked = await lockAccount(tx, id)
  if (!linked) throw new Error(`account ${id} vanished in its own transaction`)
  return withoutSecrets(linked)
}

const relink = async (tx: TenantTx, own: SealedAccount, account: NewAccount, at: number): Promise<number> => {
  await relinkAccount(tx, own.id, account, at)
  return own.id
}

/** Row-level security hides other tenants' accounts, not their claim on the bot. */
const linkNew = async (tx: TenantTx, account: NewAccount, at: number): Promise<number> => {
  const id = await insertAccount(tx, account, at)
  if (id !== null) return id
  const raced = await lockByTelegramId(tx, account.telegramId)
  throw raced
    ? new AppError('conflict', 'account_already_linked', { field: 'token', id: raced.id })
    : new AppError('conflict', 'account_linked_elsewhere', { field: 'token', telegramId: account.telegramId })
}
