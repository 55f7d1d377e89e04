import type { LoginResult, TelegramLogin } from '../../login.ts'
import type { TelegramSender } from '../../sender.ts'
import type { UserUpdateFeed } from '../../user-feed.ts'
import type { UserSession } from '../../user-session.ts'
import { type MtprotoOptions, createClientPool } from './client-pool.ts'
import { learnChats } from './learn-chats.ts'
import { createMtprotoFeed } from './mtproto-feed.ts'
import { createMtprotoLogin } from './mtproto-login.ts'
import { createMtprotoSender } from './mtproto-sender.ts'

export interface Mtproto {
  readonly sender: TelegramSender
  readonly login: TelegramLogin
  readonly feed: UserUpdateFeed
  /** Reads the account's latest chats, so that it can write to them by their ids. */
  learnChats(session: UserSession): Promise<LoginResult<number>>
  /** Closes every connection; sessions stay and can be resumed. */
  close(): Promise<void>
}

/** MTProto for every user account. Import it lazily: with its schema it takes some 30 MiB. */
export const createMtproto = async (options: MtprotoOptions): Promise<Mtproto> => {
  const pool = await createClientPool(options)
  return {
    sender: createMtprotoSender(pool, options.callTimeoutMs),
    login: createMtprotoLogin(pool, options),
    feed: createMtprotoFeed(pool, options.callTimeoutMs),
    learnChats: (session) => learnChats(pool, session, options.callTimeoutMs),
    close: () => pool.close(),
  }
}
