import { type Contact, listContacts } from '#server/modules/contacts/index.ts'
import { explainSegments } from '#server/modules/segments/index.ts'

import { readContactView } from '../commands/contacts.ts'
import { renderExplanation } from '../commands/segments.ts'
import { nameOf, renderContact } from '../present/contact-profile.ts'
import { resolveContact } from '../resolve-contact.ts'
import type { MenuContext, Screen } from './screen.ts'

const MATCHES_MAX = 20

/** By number, tg:id or @name where it looks like one, else by the beginning of a name. */
const findMatches = (menu: MenuContext, given: string): Promise<readonly Contact[]> =>
  menu.cli.read(async (tx) => {
    if (/^(\d+|tg:\d+|@\w+)$/.test(given)) return [await resolveContact(tx, given)]
    return (await listContacts(tx, { text: given }, { limit: MATCHES_MAX })).contacts
  })

const chooseContact = async (menu: MenuContext): Promise<Contact | null> => {
  const { t } = menu.cli
  const given = (await menu.prompter.text(t('crm.whom'), '42 · @ayse · Ayşe'))?.trim()
  if (!given) return null
  const matches = await findMatches(menu, given)
  if (matches.length <= 1) {
    if (!matches[0]) menu.show(t('contacts.none'))
    return matches[0] ?? null
  }
  const id = await menu.prompter.select(
    t('crm.which', { count: matches.length }),
    matches.map((contact) => ({
      value: contact.id,
      label: nameOf(contact),
      hint: contact.username ? `@${contact.username}` : `${contact.id}`,
    })),
  )
  return matches.find((contact) => contact.id === id) ?? null
}

/** Screen 1: one person, with the segments and the reasons behind them. */
export const analyseContact: Screen = async (menu) => {
  const { cli } = menu
  for (;;) {
    const contact = await chooseContact(menu)
    if (!contact) return
    const { view, explanation } = await cli.read(async (tx) => ({
      view: await readContactView(tx, contact.id, cli.now()),
      explanation: await explainSegments(tx, contact.id, cli.now()),
    }))
    menu.show(renderContact(cli, view))
    menu.show(renderExplanation(cli, explanation))
  }
}
