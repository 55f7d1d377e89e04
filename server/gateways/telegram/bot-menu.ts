import type { ActResult } from './call-result.ts'
import type { TelegramAccount } from './telegram-account.ts'

/** A bot's list of commands, as Telegram shows it beside the text field. */
export interface BotMenu {
  /** The private chat that sees it; every private chat when null. */
  readonly chatId: number | null
  /** Two letters of ISO 639-1; those who have no menu of their own when null. */
  readonly languageCode: string | null
  /** 1–100; names of a–z, 0–9 and _ up to 32, descriptions of 3–256 characters. */
  readonly commands: readonly { readonly command: string; readonly description: string }[]
}

/** The button beside the text field that opens a bot's Mini App. */
export interface AppButton {
  /** 1–16 characters: phones cut longer ones. */
  readonly label: string
  /** https. */
  readonly url: string
}

/** Shows people what a bot can do. */
export interface TelegramBotMenus {
  /** Replaces the menu of that chat and language. Repeatable. */
  setMenu(account: TelegramAccount, menu: BotMenu): Promise<ActResult>
  /** In every private chat; null brings the list of commands back. Repeatable. */
  setAppButton(account: TelegramAccount, button: AppButton | null): Promise<ActResult>
}
