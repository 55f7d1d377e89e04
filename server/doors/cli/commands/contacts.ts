import { writeFile } from 'node:fs/promises'

import { CONSENT_PURPOSES, REACHABILITIES, SEGMENTS } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import {
  type Contact,
  type ContactFilter,
  eraseContact,
  exportContact,
  findDuplicates,
  getContact,
  getContactProfile,
  listContacts,
  listTimeline,
  mergeContacts,
} from '#server/modules/contacts/index.ts'
import { listStrategies, recordPurchase } from '#server/modules/delivery/index.ts'
import { type StoredAssignment, findSegments } from '#server/modules/segments/index.ts'

import { type CommandGroup, command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import { ACTOR, type CliContext } from '../context.ts'
import { type ContactView, nameOf, renderContact } from '../present/contact-profile.ts'
import { type Column, renderTable } from '../present/table.ts'
import { resolveContact } from '../resolve-contact.ts'
import { contactKeeping } from './contact-keeping.ts'
import { importContacts } from './import-contacts.ts'

const filterOf = (input: CommandInput): ContactFilter => {
  const [segment, consent] = [input.oneOf('segment', SEGMENTS), input.oneOf('consent', CONSENT_PURPOSES)]
  const [tag, text] = [input.text('tag'), input.text('search')]
  const [reachability, accountId] = [
    input.oneOf('reach', REACHABILITIES),
    input.whole('account', 1, Number.MAX_SAFE_INTEGER),
  ]
  return {
    ...(segment !== null && { segment }),
    ...(consent !== null && { consent }),
    ...(tag !== null && { tag }),
    ...(text !== null && { text }),
    ...(reachability !== null && { reachability }),
    ...(accountId !== null && { accountId }),
  }
}

export const contactColumns = ({ t, formats, now }: CliContext): readonly Column<Contact>[] => [
  { title: t('column.id'), value: (row) => row.id, align: 'right' },
  { title: t('column.name'), value: nameOf },
  { title: t('column.username'), value: (row) => (row.username ? `@${row.username}` : '') },
  {
    title: t('column.lastSeen'),
    value: (row) => (row.lastSeenAt === null ? t('contacts.never') : formats.relative(row.lastSeenAt, now())),
  },
  { title: t('contacts.tags'), value: (row) => row.tags.join(', ') },
  { title: t('column.state'), value: (row) => (row.suppressedAt === null ? '' : t('contacts.suppressed')) },
]

/** The hours and the frequency that the strategy of the primary segment allows, if there is one. */
const boundsOf = async (tx: TenantTx, segments: StoredAssignment | undefined) => {
  const strategy = (await listStrategies(tx)).find((row) => row.enabled && row.segment === segments?.primarySegment)
  return strategy && { allowedHours: strategy.hours, cap: strategy }
}

/** What the contact's screen needs, read in one transaction; what it advises stays inside the contact's strategy. */
export const readContactView = async (tx: TenantTx, id: number, now: number): Promise<ContactView> => {
  const [segments] = await findSegments(tx, [(await getContact(tx, id)).id])
  const profile = await getContactProfile(tx, id, now, await boundsOf(tx, segments))
  const { entries } = await listTimeline(tx, profile.contact.id, { limit: 20 })
  return { profile, segments: segments ?? null, timeline: entries }
}

const list = command({
  name: 'list',
  options: [
    { name: 'segment', value: 'segment' },
    { name: 'tag', value: 'tag' },
    { name: 'search', value: 'text' },
    { name: 'reach', value: 'word' },
    { name: 'consent', value: 'purpose' },
    { name: 'account', value: 'id' },
    { name: 'limit', value: 'n' },
    { name: 'cursor', value: 'cursor' },
  ],
  run: (context, input) =>
    context.read((tx) =>
      listContacts(tx, filterOf(input), { limit: input.whole('limit', 1, 500) ?? 50, cursor: input.text('cursor') }),
    ),
  render: (context, { contacts, nextCursor }) => {
    const table = renderTable(context.terminal, contactColumns(context), contacts, context.t('contacts.none'))
    return nextCursor === null ? table : `${table}\n\n${context.t('talk.more', { option: `--cursor ${nextCursor}` })}`
  },
})

const show = command({
  name: 'show',
  args: [{ name: 'contact' }],
  run: (context, input) =>
    context.read(async (tx) => {
      const { id } = await resolveContact(tx, input.arg('contact'))
      return readContactView(tx, id, context.now())
    }),
  render: renderContact,
})

const save = async (path: string, text: string): Promise<void> => {
  try {
    await writeFile(path, `${text}\n`, { flag: 'wx', mode: 0o600 })
  } catch (error) {
    throw invalid('file_not_written', '--output', { path, problem: (error as NodeJS.ErrnoException).code ?? '' })
  }
}

const exportOne = command({
  name: 'export',
  args: [{ name: 'contact' }],
  options: [{ name: 'output', value: 'file' }],
  run: async (context, input) => {
    const data = await context.read(async (tx) =>
      exportContact(tx, (await resolveContact(tx, input.arg('contact'))).id, context.now()),
    )
    const output = input.text('output')
    if (output === null || context.options.dryRun) return data
    await save(output, JSON.stringify(data, null, 2))
    context.note(context.t('talk.written', { path: output }))
    return { contactId: data.contactId, output }
  },
  render: (_, result) => ('sections' in result ? JSON.stringify(result, null, 2) : ''),
})

const erase = command({
  name: 'erase',
  args: [{ name: 'contact' }],
  run: async (context, input) => {
    const contact = await context.read((tx) => resolveContact(tx, input.arg('contact')))
    await context.confirm(context.t('contacts.eraseSure', { id: contact.id, name: nameOf(contact) }))
    await context.change((tx) => eraseContact(tx, contact.id, { by: ACTOR, at: context.now() }))
    return { erased: contact.id }
  },
  render: ({ t }, { erased }) => t('contacts.erased', { id: erased }),
})

/** Prices are typed with their decimals and kept in the smallest unit, so nothing is rounded later. */
const MINOR_PER_UNIT = 100
const AMOUNT_MAX = 10_000_000

const order = command({
  name: 'order',
  args: [{ name: 'contact' }],
  options: [
    { name: 'amount', value: 'n', required: true },
    { name: 'reference', value: 'text', required: true },
  ],
  run: async (context, input) => {
    const amountMinor = Math.round((input.number('amount', 0, AMOUNT_MAX) ?? 0) * MINOR_PER_UNIT)
    const reference = input.text('reference') ?? ''
    const contact = await context.read((tx) => resolveContact(tx, input.arg('contact')))
    return context.change(async (tx) => ({
      contact: contact.id,
      ...(await recordPurchase(tx, { contactId: contact.id, amountMinor, reference, at: context.now() })),
    }))
  },
  render: ({ t }, { contact, isNew, deliveryId }) => {
    if (!isNew) return t('contacts.orderKnown')
    return deliveryId === null
      ? t('contacts.ordered', { id: contact })
      : t('contacts.orderedAfter', { id: contact, delivery: deliveryId })
  },
})

const merge = command({
  name: 'merge',
  args: [{ name: 'keep' }, { name: 'gone' }],
  run: async (context, input) => {
    const [keep, gone] = await context.read(
      async (tx) => [await getContact(tx, input.id('keep')), await getContact(tx, input.id('gone'))] as const,
    )
    await context.confirm(
      context.t('contacts.mergeSure', { keep: `${keep.id} ${nameOf(keep)}`, gone: `${gone.id} ${nameOf(gone)}` }),
    )
    await context.change((tx) => mergeContacts(tx, keep.id, gone.id, context.now()))
    return { kept: keep.id, gone: gone.id }
  },
  render: ({ t }, result) => t('contacts.merged', result),
})

const duplicates = command({
  name: 'duplicates',
  options: [{ name: 'limit', value: 'n' }],
  run: (context, input) => context.read((tx) => findDuplicates(tx, { limit: input.whole('limit', 1, 1000) ?? 100 })),
  render: ({ t, terminal }, groups) =>
    renderTable(
      terminal,
      [
        { title: t('column.username'), value: (row) => `@${row.username}` },
        { title: t('column.people'), value: (row) => row.contactIds.join(', ') },
      ],
      groups,
      t('contacts.noDuplicates'),
    ),
})

export const contacts: CommandGroup = {
  name: 'contacts',
  commands: [list, show, importContacts, exportOne, order, ...contactKeeping, erase, merge, duplicates],
}
