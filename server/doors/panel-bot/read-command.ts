import type { PanelCommand } from './panel-command.ts'

/** A command somebody typed. */
export interface TypedCommand {
  readonly name: string
  readonly args: readonly string[]
}

/** Turkish letters as they stand in command names, so that `/Müşteri_Paneli` and `/YARDIM` are understood. */
const LETTERS: Readonly<Record<string, string>> = { ı: 'i', İ: 'i', ş: 's', ğ: 'g', ü: 'u', ö: 'o', ç: 'c' }

const plainName = (typed: string): string =>
  typed
    .replaceAll('İ', 'i')
    .replaceAll('I', 'i')
    .toLowerCase()
    .replaceAll(/[ışğüöç]/g, (letter) => LETTERS[letter] ?? letter)

const TYPED = /^\/([\p{L}\d_]{1,32})(?:@(\w+))?(?:\s+([\s\S]*))?$/u

/** The command of a text, with its words; null for what is none, or is meant for another bot. */
export const readCommand = (text: string, botUsername: string | null): TypedCommand | null => {
  const [, name, bot, rest = ''] = TYPED.exec(text.trim()) ?? []
  if (name === undefined) return null
  if (bot !== undefined && bot.toLowerCase() !== botUsername?.toLowerCase()) return null
  return { name: plainName(name), args: rest.split(/\s+/).filter((word) => word !== '') }
}

/** The row of a command's name or alias; null when there is none. */
export const findCommand = (commands: readonly PanelCommand[], name: string): PanelCommand | null =>
  commands.find((command) => command.name === name || command.aliases.includes(name)) ?? null
