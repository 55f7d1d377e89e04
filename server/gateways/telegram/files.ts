import type { CallResult } from './call-result.ts'
import type { TelegramAccount } from './telegram-account.ts'

/** Fetches what people sent. */
export interface TelegramFiles {
  /**
   * The file with this id, which the same account was given; null for one that is larger than `maxBytes`. Telegram gives
   * out 20 MB at most. Repeatable.
   */
  download(account: TelegramAccount, fileId: string, maxBytes: number): Promise<CallResult<Uint8Array | null>>
}
