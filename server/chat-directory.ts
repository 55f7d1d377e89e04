// What the domain asks Telegram about chats, by the number of one of the tenant's accounts.
import type { CallFailure } from './gateways/telegram/call-result.ts'
import type { TelegramDirectory } from './gateways/telegram/directory.ts'
import type { TelegramAccount } from './gateways/telegram/telegram-account.ts'
import { type AccountsDeps, openAccount } from './modules/accounts/index.ts'
import type { MemberAnswer, MemberDirectory } from './modules/groups/index.ts'
import type { InviteLinkMaker } from './modules/invites/index.ts'

/** Business and people's own accounts have no Bot API of chats. */
const NOT_HERE: CallFailure = { kind: 'rejected', reason: 'method_unknown', errorCode: 0 }

/** Members and links as the tenant's bots see and make them; `directory` is null where there is no Bot API. */
export const createChatDirectory = (
  accounts: Pick<AccountsDeps, 'db' | 'box'>,
  directory: TelegramDirectory | null,
): MemberDirectory & InviteLinkMaker => {
  const ask = async <T>(
    accountId: number,
    call: (directory: TelegramDirectory, account: TelegramAccount) => Promise<T | CallFailure>,
  ): Promise<T | CallFailure> => {
    const account = await openAccount(accounts, accountId)
    return directory && account.kind === 'bot' ? call(directory, account) : NOT_HERE
  }
  return {
    async findMember(accountId, chatTelegramId, userTelegramId): Promise<MemberAnswer> {
      const result = await ask(accountId, (at, account) => at.getMember(account, chatTelegramId, userTelegramId))
      if (result.kind !== 'done') return null
      const { status, isMember } = result.value
      // A restricted person may be in the chat or not.
      return status === 'restricted' && !isMember ? 'left' : status
    },
    make: (accountId, chatTelegramId, options) =>
      ask(accountId, (at, account) => at.createInviteLink(account, chatTelegramId, options)),
    end: (accountId, chatTelegramId, url) =>
      ask(accountId, (at, account) => at.revokeInviteLink(account, chatTelegramId, url)),
  }
}
