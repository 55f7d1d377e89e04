import { AppError, invalid } from '#server/base/errors.ts'

import { type CommandGroup, command } from '../command.ts'
import { type CliContext, Cancelled } from '../context.ts'
import { analyseContact } from '../menu/analyse-contact.ts'
import { compareSegments } from '../menu/compare-segments.ts'
import { listSegment } from '../menu/list-segment.ts'
import { overseeQueue } from '../menu/oversee-queue.ts'
import type { MenuContext, Screen } from '../menu/screen.ts'
import { paint } from '../terminal.ts'

const SCREENS: Readonly<Record<'contact' | 'performance' | 'queue' | 'segment', Screen>> = {
  contact: analyseContact,
  performance: compareSegments,
  queue: overseeQueue,
  segment: listSegment,
}
const NAMES = ['contact', 'performance', 'queue', 'segment'] as const

/** A refusal inside a screen is shown and leads back to the menu; everything else ends it. */
const open = async (menu: MenuContext, screen: Screen): Promise<void> => {
  try {
    await screen(menu)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    menu.show(paint(menu.cli.terminal, 'red', menu.cli.t(`errors:${error.code}`, error.params)))
  }
}

const runMenu = async (cli: CliContext): Promise<void> => {
  const prompter = await cli.host.prompter(cli.t)
  const menu: MenuContext = { cli, prompter, show: (text) => void cli.terminal.out.write(`\n${text}\n\n`) }
  const { name } = await cli.tenant()
  for (;;) {
    const choice = await prompter.select(cli.t('crm.title', { tenant: name }), [
      ...NAMES.map((value, i) => ({ value, label: `${i + 1}. ${cli.t(`crm.screen.${value}`)}` })),
      { value: 'quit' as const, label: cli.t('crm.quit') },
    ])
    if (choice === null) throw new Cancelled()
    if (choice === 'quit') return
    await open(menu, SCREENS[choice])
  }
}

export const crm: CommandGroup = {
  lone: command({
    name: 'crm',
    run: async (context) => {
      if (!context.terminal.isInteractive || context.options.json) throw invalid('terminal_needed', 'crm')
      await runMenu(context)
      return null
    },
    render: () => '',
  }),
}
