import type { TelegramBotMenus } from '../../bot-menu.ts'
import type { TelegramDirectory } from '../../directory.ts'
import type { TelegramFiles } from '../../files.ts'
import type { TelegramManagedBots } from '../../managed-bots.ts'
import type { TelegramModeration } from '../../moderation.ts'
import type { TelegramSender } from '../../sender.ts'
import type { TelegramStars } from '../../stars.ts'
import type { TelegramUpdateFeed } from '../../update-feed.ts'
import { createBotApiDirectory } from './bot-api-directory.ts'
import { createBotApiFiles } from './bot-api-files.ts'
import { createBotApiManagedBots } from './bot-api-managed-bots.ts'
import { createBotApiMenus } from './bot-api-menus.ts'
import { createBotApiModeration } from './bot-api-moderation.ts'
import { createBotApiSender } from './bot-api-sender.ts'
import { createBotApiStars } from './bot-api-stars.ts'
import { createBotApiUpdateFeed } from './bot-api-update-feed.ts'
import { createHttpTransport } from './http-transport.ts'
import type { HttpTransportOptions } from './http-transport.ts'

export interface BotApi {
  readonly sender: TelegramSender
  readonly directory: TelegramDirectory
  readonly updateFeed: TelegramUpdateFeed
  readonly stars: TelegramStars
  readonly managedBots: TelegramManagedBots
  readonly menus: TelegramBotMenus
  readonly moderation: TelegramModeration
  readonly files: TelegramFiles
  /** Waits for running calls; later ones end as `retry`. */
  close(): Promise<void>
}

/** The Bot API over HTTP for every bot and business account; the account's `apiRoot` says which server. */
export const createBotApi = (options: HttpTransportOptions = {}): BotApi => {
  const transport = createHttpTransport(options)
  return {
    sender: createBotApiSender(transport),
    directory: createBotApiDirectory(transport),
    updateFeed: createBotApiUpdateFeed(transport),
    stars: createBotApiStars(transport),
    managedBots: createBotApiManagedBots(transport),
    menus: createBotApiMenus(transport),
    moderation: createBotApiModeration(transport),
    files: createBotApiFiles(transport),
    close: () => transport.close(),
  }
}
