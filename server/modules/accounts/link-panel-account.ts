import { AppError } from '#server/base/errors.ts'
import { equalSecrets, randomToken } from '#server/base/secret.ts'
import { emitEvents } from '#server/db/emit-events.ts'
import { type OperatorTx, asOperator, withinTenant } from '#server/db/tenant-scope.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import { type Account, type UpdateMode, checkBotToken, tokenContext, webhookSecretContext } from './account.rules.ts'
import {
  type NewAccount,
  type SealedAccount,
  insertAccount,
  lockAccount,
  relinkAccount,
  savePurpose,
  saveState,
  selectAccounts,
  withoutSecrets,
} from './account.store.ts'
import type { AccountsDeps, Actor } from './accounts-deps.ts'
import { openSealed } from './open-account.ts'

export interface PanelAccountInput {
  readonly tenantId: number
  /** As BotFather gives it. */
  readonly token: string
  readonly apiRoot?: string | null
  /** Webhook where this server has a public address, else polling, when left out. */
  readonly updateMode?: UpdateMode
}

/** The installation's panel bot, or null. */
export const findPanelAccount = async (tx: OperatorTx): Promise<Account | null> => {
  const panel = (await selectAccounts(tx)).find((account) => account.purpose === 'panel')
  return panel ? withoutSecrets(panel) : null
}

/**
 * Links the bot through which customers and operators use this installation. There is one: a changed token is taken
 * over, another bot takes the place of the former one, the same token changes nothing. Emits `account.linked`. Errors:
 * `invalid` with `bot_token_format` or `panel_token_refused`, `unavailable/telegram_unreachable`,
 * `conflict/panel_bot_serves_contacts` where a tenant speaks to its contacts through that bot.
 */
export const linkPanelAccount = async (
  deps: AccountsDeps,
  input: PanelAccountInput,
  actor: Actor,
): Promise<Account> => {
  const token = checkBotToken(input.token)
  const apiRoot = input.apiRoot ?? null
  const known = await asOperator(deps.db, 'find the panel bot', selectAccounts)
  const same = known.find((account) => isSame(deps, account, { token, apiRoot }))
  if (same) return withoutSecrets(same)
  const answer = await deps.feed.validateToken({ token, apiRoot })
  if (answer.kind !== 'done') {
    const reason = 'reason' in answer ? answer.reason : answer.kind
    throw answer.kind === 'account_lost' || answer.kind === 'rejected'
      ? new AppError('invalid', 'panel_token_refused', { field: 'PANEL_BOT_TOKEN', reason })
      : new AppError('unavailable', 'telegram_unreachable', { reason })
  }
  const { telegramId, displayName, username } = answer.value
  const { tenantId } = input
  const account: NewAccount = {
    telegramId,
    displayName,
    username,
    apiRoot,
    updateMode: input.updateMode ?? (deps.publicUrl === null ? 'polling' : 'webhook'),
    tokenSealed: deps.box.seal(token, tokenContext(tenantId, telegramId)),
    webhookKey: randomToken(24),
    webhookSecretSealed: deps.box.seal(randomToken(32), webhookSecretContext(tenantId, telegramId)),
  }
  return asOperator(deps.db, 'link the panel bot', (tx) => takePlace(tx, tenantId, account, actor))
}

const isSame = (
  deps: AccountsDeps,
  account: SealedAccount,
  { token, apiRoot }: { readonly token: string; readonly apiRoot: string | null },
): boolean =>
  account.purpose === 'panel' &&
  account.state === 'active' &&
  account.apiRoot === apiRoot &&
  equalSecrets(openSealed(deps.box, account).token, token)

const takePlace = async (tx: OperatorTx, tenantId: number, account: NewAccount, actor: Actor): Promise<Account> => {
  const known = await selectAccounts(tx)
  const own = known.find((row) => row.telegramId === account.telegramId)
  const isFree = !own || (own.tenantId === tenantId && (own.purpose === 'panel' || own.state === 'disconnected'))
  if (!isFree)
    throw new AppError('conflict', 'panel_bot_serves_contacts', { field: 'PANEL_BOT_TOKEN', id: own?.id ?? 0 })
  const former = known.find((row) => row.purpose === 'panel' && row.id !== own?.id)
  if (former) await withdrawPanel(tx, former, actor)
  return withinTenant(tx, tenantId, async (inside) => {
    if (own) await relinkAccount(inside, own.id, account, actor.at)
    const id = own?.id ?? (await insertAccount(inside, account, actor.at))
    if (id === null) throw new AppError('conflict', 'panel_bot_serves_contacts', { field: 'PANEL_BOT_TOKEN', id: 0 })
    await savePurpose(inside, id, 'panel')
    await recordAudit(inside, {
      tenantId,
      actor: actor.by,
      action: 'account.linked',
      target: `account:${id}`,
      detail: { telegramId: account.telegramId, purpose: 'panel' },
      at: actor.at,
    })
    await emitEvents(inside, actor.at, [{ type: 'account.linked', payload: { accountId: id } }])
    const linked = await lockAccount(inside, id)
    if (!linked) throw new Error(`account ${id} vanished in its own transaction`)
    return withoutSecrets(linked)
  })
}

/** The former panel bot keeps its row, as payments and linked accounts name it. */
const withdrawPanel = async (tx: OperatorTx, former: SealedAccount, { by, at }: Actor): Promise<void> => {
  await saveState(tx, former.id, 'disconnected', 'panel_replaced')
  await savePurpose(tx, former.id, 'contacts')
  const target = `account:${former.id}`
  await recordAudit(tx, { tenantId: former.tenantId, actor: by, action: 'account.disconnected', target, at })
}
