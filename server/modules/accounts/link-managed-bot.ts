import { AppError } from '#server/base/errors.ts'
import { equalSecrets } from '#server/base/secret.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { lockSubscription } from '#server/modules/billing/index.ts'
import { can, findMember } from '#server/modules/tenancy/index.ts'

import { type Account, checkBotToken } from './account.rules.ts'
import { type SealedAccount, lockByTelegramId, withoutSecrets } from './account.store.ts'
import type { AccountsDeps, Actor } from './accounts-deps.ts'
import { askWhoseToken, linkAccount, newBot } from './add-account.ts'
import { askManager, getManager, managerRefusal } from './ask-managing-bot.ts'
import { openSealed } from './open-account.ts'
import { keepToken } from './rotate-bot-token.ts'

export interface LinkManagedBotInput {
  readonly tenantId: number
  /** The bot that manages it, of whatever tenant: the panel's. */
  readonly managerAccountId: number
  readonly botTelegramId: number
  /** Who made the bot, as Telegram's update says; never as a person says. */
  readonly ownerTelegramId: number
}

/**
 * Links a bot that a member made with one tap: its token comes from the manager and is sealed, nobody sees it. Told
 * again, it changes nothing, or takes over a token that was replaced since. Emits `account.linked`. Errors:
 * `forbidden/not_bot_owner` when the owner is no member who may link accounts or is not the member who acts,
 * `invalid/managed_bot_refused`, `unavailable` with `manager_unusable` or `telegram_unreachable`, `conflict` and
 * `limit_reached` as `addAccount` has them.
 */
export const linkManagedBot = async (
  deps: AccountsDeps,
  input: LinkManagedBotInput,
  actor: Actor,
): Promise<Account> => {
  const { tenantId, managerAccountId, botTelegramId, ownerTelegramId } = input
  await inTenant(deps.db, tenantId, (tx) => requireOwner(tx, ownerTelegramId, actor))
  const { apiRoot } = await getManager(deps, managerAccountId)
  const answer = await askManager(deps, managerAccountId, (bots, manager) => bots.getToken(manager, botTelegramId))
  if (answer.kind !== 'done') throw managerRefusal(answer, managerAccountId)
  const token = checkBotToken(answer.value)
  const profile = await askWhoseToken(deps, token, apiRoot)
  if (profile.telegramId !== botTelegramId)
    throw new AppError('internal', 'telegram_answer_impossible', { method: 'getManagedBotToken' })
  const account = {
    ...newBot(deps, tenantId, { profile, token, apiRoot }),
    linkedBy: 'managed' as const,
    viaAccountId: managerAccountId,
    ownerTelegramId,
  }
  return inTenant(deps.db, tenantId, async (tx) => {
    await lockSubscription(tx)
    const own = await lockByTelegramId(tx, botTelegramId)
    const isLinked = own !== null && own.state !== 'disconnected' && own.linkedBy === 'managed'
    return isLinked ? takeOver(deps, tx, own, token, actor) : linkAccount(tx, account, false, actor)
  })
}

const requireOwner = async (tx: TenantTx, ownerTelegramId: number, { by }: Actor): Promise<void> => {
  const member = await findMember(tx, ownerTelegramId)
  const isActing = !by.startsWith('member:') || by === `member:${member?.id ?? 0}`
  if (!member || !isActing || !can({ kind: 'member', role: member.role }, 'accounts.link'))
    throw new AppError('forbidden', 'not_bot_owner', { field: 'ownerTelegramId' })
}

const takeOver = async (
  deps: AccountsDeps,
  tx: TenantTx,
  own: SealedAccount,
  token: string,
  actor: Actor,
): Promise<Account> => {
  if (!equalSecrets(openSealed(deps.box, own).token, token))
    await keepToken(deps, tx, own, token, { ...actor, action: 'account.token_taken_over' })
  return withoutSecrets(own)
}
