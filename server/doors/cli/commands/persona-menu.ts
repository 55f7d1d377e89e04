import type { TenantTx } from '#server/db/tenant-scope.ts'
import {
  type MenuChange,
  type MenuEntry,
  type Persona,
  editMenu,
  getPersona,
  restorePersona,
  updatePersona,
} from '#server/modules/conversations/index.ts'

import { command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import type { CliContext } from '../context.ts'
import { manyLines } from '../present/table.ts'
import { paint } from '../terminal.ts'
import { asOwner } from './members.ts'

const ACTIONS = ['show', 'add', 'edit', 'move', 'remove', 'restore'] as const

const entryIn = (input: CommandInput): Partial<MenuEntry> => {
  const fields = { label: input.text('label'), text: input.text('item-text') }
  const more = { product: input.text('product'), link: input.text('link') }
  return Object.fromEntries(Object.entries({ ...fields, ...more }).filter(([, value]) => value !== null))
}

/** `-` takes a product or a link away. */
const changeIn = (input: CommandInput) =>
  Object.fromEntries(
    Object.entries(entryIn(input)).map(([key, value]) => [
      key,
      value === '-' && (key === 'product' || key === 'link') ? null : value,
    ]),
  )

const menuChange = (action: 'add' | 'edit' | 'move' | 'remove', input: CommandInput): MenuChange => {
  switch (action) {
    case 'add': {
      const entry = { text: '', label: '', ...entryIn(input) }
      return { kind: 'add', entry, under: input.text('under'), at: input.whole('position', 1, 100) }
    }
    case 'edit':
      return { kind: 'edit', place: input.arg('place'), change: changeIn(input) }
    case 'move':
      return { kind: 'move', place: input.arg('place'), to: input.whole('position', 1, 100) ?? 1 }
    case 'remove':
      return { kind: 'remove', place: input.arg('place') }
    default:
      return action satisfies never
  }
}

const act = (context: CliContext, tx: TenantTx, input: CommandInput): Promise<Persona> => {
  const accountId = input.id('account')
  const action = input.argOf('action', ACTIONS)
  if (action === 'show') return getPersona(tx, accountId)
  if (action === 'restore')
    return restorePersona(tx, { accountId, version: Number(input.arg('place')) }, asOwner(context))
  return editMenu(tx, { accountId, change: menuChange(action, input) }, asOwner(context))
}

const button = (label: string): string => `[ ${label} ]`

/** The menu as a contact sees it, button by button, and what each says. */
const renderMenu = (context: CliContext, { version, menu, facts }: Persona): string => {
  const { t, terminal, formats } = context
  const priceOf = (product: string | undefined): readonly string[] => {
    const item = facts.catalogue.find(({ name }) => name === product)
    return item ? [`${item.name}: ${formats.money(item.priceMinor, item.currency)}`] : []
  }
  const lines = (place: string, { label, text, product, link }: MenuEntry, indent: string): readonly string[] => [
    `${indent}${place.padEnd(4)} ${paint(terminal, 'bold', button(label))}`,
    ...[...(text === '' ? [] : [text]), ...priceOf(product), ...(link === undefined ? [] : [`→ ${link}`])].map(
      (line) => `${indent}     ${manyLines(line)}`,
    ),
  ]
  const told = menu.flatMap((item, i) => [
    ...lines(String(i + 1), item, ''),
    ...(item.items ?? []).flatMap((entry, j) => lines(`${i + 1}.${j + 1}`, entry, '     ')),
  ])
  return [
    paint(terminal, 'bold', t('personas.menuOf', { version })),
    ...(told.length > 0 ? told : [t('personas.menuEmpty')]),
    ...facts.faq.map(({ question }) => `     ${button(question)}`),
  ].join('\n')
}

/** `personas menu show|add|edit|move|remove|restore`. */
export const menu = command({
  name: 'menu',
  args: [{ name: 'action' }, { name: 'account' }, { name: 'place', optional: true }],
  options: [
    { name: 'label', value: 'text' },
    { name: 'item-text', value: 'text' },
    { name: 'product', value: 'name' },
    { name: 'link', value: 'https://…' },
    { name: 'under', value: 'place' },
    { name: 'position', value: 'n' },
  ],
  run: (context, input) => context.change((tx) => act(context, tx, input)),
  render: renderMenu,
})

/** `personas greeting`: shows how /start is answered; with a text, after it has become the greeting. */
export const greeting = command({
  name: 'greeting',
  args: [{ name: 'account' }, { name: 'words', optional: true }],
  run: (context, input) =>
    context.change((tx) => {
      const text = input.findArg('words')
      const accountId = input.id('account')
      if (text === null) return getPersona(tx, accountId)
      return updatePersona(tx, { accountId, change: { greeting: text } }, asOwner(context))
    }),
  render: ({ t, terminal, host }, persona) => {
    const say = host.translator(persona.language)
    const params = { name: t('personas.somebody'), sender: persona.displayName }
    const buttons = ['consent_yes', 'consent_no', 'menu', 'privacy'].map((key) => button(say(`bot:button.${key}`)))
    return [
      paint(terminal, 'bold', t('personas.greetingOf', { version: persona.version })),
      manyLines(persona.greeting === '' ? say('bot:start.greeting', params) : persona.greeting),
      manyLines(say('bot:start.notice', params)),
      manyLines(say('bot:start.question', params)),
      buttons.join(' '),
    ].join('\n\n')
  },
})
