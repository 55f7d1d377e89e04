import { SEGMENTS } from '#contract/words.ts'
import { listContacts } from '#server/modules/contacts/index.ts'
import { listSegmentCounts } from '#server/modules/segments/index.ts'

import { contactColumns } from '../commands/contacts.ts'
import { renderTable } from '../present/table.ts'
import type { MenuContext, Screen } from './screen.ts'

const PAGE = 20

const showPages = async ({ cli, prompter, show }: MenuContext, segment: (typeof SEGMENTS)[number]): Promise<void> => {
  for (let cursor: string | null = null; ;) {
    const page = await cli.read((tx) => listContacts(tx, { segment }, { limit: PAGE, cursor }))
    show(renderTable(cli.terminal, contactColumns(cli), page.contacts, cli.t('contacts.none')))
    if (page.nextCursor === null || !(await prompter.confirm(cli.t('crm.nextPage')))) return
    cursor = page.nextCursor
  }
}

/** Screen 4: who is in a segment. */
export const listSegment: Screen = async (menu) => {
  const { cli, prompter } = menu
  for (;;) {
    const counts = await cli.read(listSegmentCounts)
    const segment = await prompter.select(cli.t('column.segment'), [
      ...SEGMENTS.map((value) => ({
        value,
        label: cli.t(`words:segment.${value}`),
        hint: cli.formats.number(counts.segments[value].held),
      })),
      { value: 'back' as const, label: cli.t('crm.back') },
    ])
    if (segment === null || segment === 'back') return
    await showPages(menu, segment)
  }
}
