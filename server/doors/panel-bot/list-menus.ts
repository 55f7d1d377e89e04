import { LOCALES, type Locale } from '#contract/words.ts'
import type { Translate } from '#server/base/translate.ts'
import type { BotMenu } from '#server/gateways/telegram/bot-menu.ts'

import type { PanelCommand } from './panel-command.ts'

/** Whose menu it is: everybody's, or that of one operator in their own chat. */
export type MenuScope =
  | { readonly kind: 'everybody' }
  | { readonly kind: 'operator'; readonly chatId: number; readonly locale: Locale }

/** Telegram shows a hundred at most. */
const MENU_MAX = 100

const linesOf = (commands: readonly PanelCommand[], t: Translate): BotMenu['commands'] =>
  commands
    .filter((command) => command.isHidden !== true)
    .slice(0, MENU_MAX)
    .map((command) => ({ command: command.name, description: t(command.about).slice(0, 256) }))

/**
 * The command menus to be set at Telegram: for everybody one per language and a Turkish one for all others, for an
 * operator theirs with the operators' commands first.
 */
export const listMenus = (
  commands: readonly PanelCommand[],
  translator: (locale: Locale) => Translate,
  scope: MenuScope,
): readonly BotMenu[] => {
  if (scope.kind === 'operator') {
    const sorted = [
      ...commands.filter((command) => command.audience === 'operator'),
      ...commands.filter((command) => command.audience !== 'operator'),
    ]
    return [{ chatId: scope.chatId, languageCode: null, commands: linesOf(sorted, translator(scope.locale)) }]
  }
  const open = commands.filter((command) => command.audience !== 'operator')
  return [
    { chatId: null, languageCode: null, commands: linesOf(open, translator('tr')) },
    ...LOCALES.map((locale) => ({
      chatId: null,
      languageCode: locale,
      commands: linesOf(open, translator(locale)),
    })),
  ]
}
