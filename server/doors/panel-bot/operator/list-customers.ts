import { asOperator } from '#server/db/tenant-scope.ts'
import { type Customer, listCustomers } from '#server/modules/admin/index.ts'

import { PAGE_SIZE, pageRow } from '../paging.ts'
import type { PanelCommand } from '../panel-command.ts'
import type { Reply } from '../reply.ts'
import { durationText, isolate, numberText, say } from '../say.ts'
import { type Talk, actingOperator } from '../talk.ts'

/** A search travels in the buttons of its pages as letters that callback data may hold; a longer one has one page. */
const SEARCH_BYTES = 24
const packSearch = (search: string): string => Buffer.from(search, 'utf8').toString('base64url')
const unpackSearch = (packed: string): string => Buffer.from(packed, 'base64url').toString('utf8')

/** What is left of the period, in words. */
export const remainingText = (talk: Talk, endsAt: number | null): string => {
  if (endsAt === null) return talk.t('operator.endless')
  const leftMs = endsAt - talk.at
  return leftMs > 0
    ? talk.t('operator.left', { time: durationText(talk, leftMs) })
    : talk.t('operator.over', { time: durationText(talk, -leftMs) })
}

const lineOf = (talk: Talk, customer: Customer): string => {
  const isHalted = customer.sendingStopped !== null
  const mark = customer.state === 'suspended' ? '🔴' : isHalted ? '⏸' : customer.workingAccounts > 0 ? '🟢' : '⚪️'
  return say(talk, 'operator.customers.line', {
    mark,
    name: isolate(customer.name),
    owners: isolate(customer.owners.map((owner) => `@${owner}`).join(' ') || customer.slug),
    package: customer.package === null ? '–' : talk.t(`words:package.${customer.package}`),
    time: remainingText(talk, customer.periodEndsAt),
    accounts: `${customer.workingAccounts}/${customer.accounts}`,
  })
}

const show = async (talk: Talk, search: string, wanted: number): Promise<Reply> => {
  const { access } = actingOperator(talk)
  const read = (number: number) =>
    asOperator(talk.deps.db, 'list of customers', (tx) =>
      listCustomers(tx, access, search, { limit: PAGE_SIZE, offset: number * PAGE_SIZE }),
    )
  const asked = Math.max(0, Math.trunc(Number.isFinite(wanted) ? wanted : 0))
  const first = await read(asked)
  // An old button may lead behind the end of a list that has become shorter.
  const found = first.customers.length === 0 && asked > 0 ? await read(0) : first
  const number = found === first ? asked : 0
  const count = Math.max(1, Math.ceil(found.total / PAGE_SIZE))
  const title = say(talk, search === '' ? 'operator.customers.title' : 'operator.customers.found', {
    number: numberText(talk, found.total),
    search: isolate(search),
  })
  const lines = found.customers.map((customer) => lineOf(talk, customer))
  const packed = packSearch(search)
  const canPage = Buffer.byteLength(packed) <= SEARCH_BYTES * 2
  return {
    text: [`<b>${title}</b>`, ...(lines.length === 0 ? [talk.t('operator.customers.none')] : lines)].join('\n\n'),
    rows: [
      ...found.customers.map((customer) => [
        { label: customer.name.slice(0, 40), action: 'det', tenantId: customer.tenantId },
      ]),
      canPage ? pageRow({ ...talk, tenant: null }, 'cust.page', { number, count }, search === '' ? [] : [packed]) : [],
      [{ label: talk.t('operator.button.search'), action: 'cust.find', tenantId: 0 }],
    ],
  }
}

export const customers: PanelCommand = {
  key: 'cust',
  name: 'musteri_listesi',
  aliases: ['customers', 'musteriler'],
  audience: 'operator',
  needs: 'tenants.view',
  about: 'operator.about.customers',
  run: (talk) => show(talk, talk.args.join(' '), 0),
  actions: {
    page: { run: (talk) => show(talk, unpackSearch(talk.args[1] ?? ''), Number(talk.args[0] ?? 0)) },
    find: { run: (talk) => ({ text: talk.t('operator.customers.ask'), awaits: { input: 'cust.text' } }) },
  },
  inputs: { text: { run: (talk, { text }) => show(talk, text.slice(0, 60), 0) } },
}
