// The way into groups for whoever keeps order there: the Bot API's, or a refusal where a test brings none.
import type { BotApi } from './gateways/telegram/adapters/bot-api/create-bot-api.ts'
import type { TelegramDirectory } from './gateways/telegram/directory.ts'
import type { TelegramModeration } from './gateways/telegram/moderation.ts'
import { type AccountsDeps, openAccount } from './modules/accounts/index.ts'
import type { RefreshDeps } from './modules/groups/index.ts'

const OFF = { kind: 'rejected', reason: 'method_unknown', errorCode: 0 } as const
const refuse = () => Promise.resolve(OFF)

const NO_DIRECTORY: TelegramDirectory = {
  getChat: refuse,
  getMember: refuse,
  countMembers: refuse,
  countAdministrators: refuse,
  createInviteLink: refuse,
  approveJoinRequest: refuse,
  declineJoinRequest: refuse,
  revokeInviteLink: refuse,
}

const NO_MODERATION: TelegramModeration = {
  deleteMessages: refuse,
  restrictMember: refuse,
  liftRestriction: refuse,
  banMember: refuse,
  unbanMember: refuse,
  pinMessage: refuse,
  getStanding: refuse,
}

/** What the jobs of groups ask Telegram with. */
export const createGroupTelegram = (
  accounts: Pick<AccountsDeps, 'db' | 'box'>,
  telegram: Pick<BotApi, 'updateFeed'> & Partial<Pick<BotApi, 'directory' | 'moderation'>>,
): Pick<RefreshDeps, 'directory' | 'moderation' | 'feed' | 'openAccount'> => ({
  directory: telegram.directory ?? NO_DIRECTORY,
  moderation: telegram.moderation ?? NO_MODERATION,
  feed: telegram.updateFeed,
  openAccount: (accountId) => openAccount(accounts, accountId),
})
