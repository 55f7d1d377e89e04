import type { TelegramAccount } from '../../telegram-account.ts'
import type { UserSession } from '../../user-session.ts'

/** The session a user account speaks through. Throws for other kinds, which have none. */
export const sessionOf = ({ tenantId, sessionId, apiRoot, kind }: TelegramAccount): UserSession => {
  if (kind !== 'user' || sessionId === undefined) throw new Error('only a user account with a session speaks MTProto')
  return { tenantId, sessionId, apiRoot }
}
