// The panel bot within the server: what it stands on, its menus at Telegram, and the Stars it sells for.
import type { Logger } from './base/logger.ts'
import { asOperator } from './db/tenant-scope.ts'
import {
  PANEL_COMMANDS,
  type PanelBot,
  type PanelDeps,
  createPanelBot,
  listMenus,
  miniAppUrl,
} from './doors/panel-bot/index.ts'
import type { BotMenu, TelegramBotMenus } from './gateways/telegram/bot-menu.ts'
import { type Account, findPanelAccount, openAccount } from './modules/accounts/index.ts'
import { findPanelPerson } from './modules/admin/index.ts'
import { listOperators } from './modules/tenancy/index.ts'

export interface PanelService {
  readonly bot: PanelBot
  /** Takes up the panel bot that is linked, if one is: it sells for Stars and shows its menus. Repeatable. */
  adopt(): Promise<Account | null>
}

export interface PanelServiceOptions {
  readonly menus: TelegramBotMenus | null
  /** Told the account that sells for Stars while the settings name none. */
  readonly sellWith: (accountId: number) => void
  readonly log: Logger
}

/** Puts the panel bot together; it works once an account of the purpose `panel` is linked. */
export const createPanelService = (deps: PanelDeps, { menus, sellWith, log }: PanelServiceOptions): PanelService => ({
  bot: createPanelBot(deps, PANEL_COMMANDS),
  async adopt() {
    const panel = await asOperator(deps.db, 'take up the panel bot', findPanelAccount)
    if (!panel || panel.state !== 'active') return panel
    sellWith(panel.id)
    if (menus !== null) await showMenus(deps, menus, panel, log)
    return panel
  },
})

/** Menus are a comfort: one that Telegram refuses is noted, and the bot works without it. */
const showMenus = async (deps: PanelDeps, menus: TelegramBotMenus, panel: Account, log: Logger): Promise<void> => {
  const account = await openAccount(deps.accounts, panel.id)
  for (const menu of await wantedMenus(deps)) {
    const result = await menus.setMenu(account, menu)
    if (result.kind !== 'done') log.info({ accountId: panel.id, result: result.kind }, 'a command menu was not taken')
  }
  const url = miniAppUrl(deps.publicUrl)
  const button = url === null ? null : { label: deps.translator('tr')('button.app'), url }
  const result = await menus.setAppButton(account, button)
  if (result.kind !== 'done') log.info({ accountId: panel.id, result: result.kind }, 'the Mini App got no button')
}

/** Everybody's, and those of operators who have written to the bot. */
const wantedMenus = async (deps: PanelDeps): Promise<readonly BotMenu[]> => {
  const operators = await asOperator(deps.db, 'menus of operators', async (tx) => {
    const people = await listOperators(tx)
    return Promise.all(people.map(({ telegramId }) => findPanelPerson(tx, telegramId)))
  })
  const own = operators
    .filter((person) => person !== null && person.blockedAt === null)
    .flatMap((person) =>
      person === null
        ? []
        : listMenus(PANEL_COMMANDS, deps.translator, {
            kind: 'operator',
            chatId: person.chatId,
            locale: person.locale,
          }),
    )
  return [...listMenus(PANEL_COMMANDS, deps.translator, { kind: 'everybody' }), ...own]
}
