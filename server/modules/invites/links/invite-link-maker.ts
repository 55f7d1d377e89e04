import type { LinkAdmission } from '#contract/words.ts'
import type { ActResult, CallResult } from '#server/gateways/telegram/call-result.ts'
import type { InviteLinkOptions } from '#server/gateways/telegram/directory.ts'

/** Makes and ends links with one of the tenant's accounts (createChatInviteLink, revokeChatInviteLink). */
export interface InviteLinkMaker {
  make(
    accountId: number,
    chatTelegramId: number,
    options: InviteLinkOptions,
  ): Promise<CallResult<{ readonly url: string }>>
  end(accountId: number, chatTelegramId: number, url: string): Promise<ActResult>
}

/** Who may enter by a link, as Telegram takes it. */
export const admissionOf = (admission: LinkAdmission): Pick<InviteLinkOptions, 'admission'> => {
  switch (admission) {
    case 'limited':
      return { admission: { kind: 'limited', members: 1 } }
    case 'request':
      return { admission: { kind: 'approved_by_administrator' } }
    case 'open':
      return {}
  }
}
