import type { Translate } from '#server/base/translate.ts'

import type { PanelCommand } from './panel-command.ts'

const row = (command: PanelCommand, t: Translate): string => {
  const names = command.aliases.map((alias) => `\`/${alias}\``).join(' ')
  const needs = command.needs === undefined ? '–' : `\`${command.needs}\``
  return `| \`/${command.name}\` | ${names} | ${needs} | ${t(command.about)} |`
}

const HEADINGS = [
  ['anyone', 'For anyone'],
  ['member', 'For members of a tenant'],
  ['operator', 'For those who run the installation'],
] as const

/** The tables of docs/panel-bot.md, one for each kind of people. */
export const describeCommands = (commands: readonly PanelCommand[], t: Translate): string =>
  HEADINGS.map(([audience, heading]) =>
    [
      `### ${heading}`,
      '',
      '| command | also | right | what it does |',
      '| --- | --- | --- | --- |',
      ...commands.filter((command) => command.audience === audience).map((command) => row(command, t)),
    ].join('\n'),
  ).join('\n\n')
