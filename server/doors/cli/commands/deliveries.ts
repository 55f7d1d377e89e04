import { DELIVERY_STATES } from '#contract/words.ts'
import {
  type DeliveryFilter,
  type DeliveryListRow,
  type NotSentExplanation,
  explainNotSent,
  listDeliveries,
} from '#server/modules/delivery/index.ts'

import { type CommandGroup, command } from '../command.ts'
import type { CommandInput } from '../command-input.ts'
import type { CliContext } from '../context.ts'
import { reasonText } from '../present/reason-text.ts'
import { renderTable } from '../present/table.ts'
import { resolveContact } from '../resolve-contact.ts'

const ANY_ID = Number.MAX_SAFE_INTEGER

const filterOf = (input: CommandInput): DeliveryFilter => {
  const state = input.oneOf('state', DELIVERY_STATES)
  const ids = {
    contactId: input.whole('contact-id', 1, ANY_ID),
    accountId: input.whole('account', 1, ANY_ID),
    campaignId: input.whole('campaign', 1, ANY_ID),
    beforeId: input.whole('before', 1, ANY_ID),
  }
  return {
    ...(state !== null && { state }),
    ...(ids.contactId !== null && { contactId: ids.contactId }),
    ...(ids.accountId !== null && { accountId: ids.accountId }),
    ...(ids.campaignId !== null && { campaignId: ids.campaignId }),
    ...(ids.beforeId !== null && { beforeId: ids.beforeId }),
    limit: input.whole('limit', 1, 500) ?? 50,
  }
}

export const renderDeliveries = ({ t, terminal, formats, now }: CliContext, rows: readonly DeliveryListRow[]): string =>
  renderTable(
    terminal,
    [
      { title: t('column.id'), value: (row) => row.id, align: 'right' },
      { title: t('column.contact'), value: (row) => row.contactId ?? row.chatId, align: 'right' },
      { title: t('column.account'), value: (row) => row.accountId, align: 'right' },
      { title: t('column.source'), value: (row) => t(`words:source.${row.source}`) },
      { title: t('column.segment'), value: (row) => row.segment ?? '' },
      { title: t('column.state'), value: (row) => t(`words:deliveryState.${row.state}`) },
      { title: t('column.reason'), value: (row) => reasonText(t, row.reason) },
      { title: t('column.due'), value: (row) => formats.relative((row.reservedAt ?? row.dueAt).getTime(), now()) },
      { title: t('column.responded'), value: (row) => (row.respondedAt === null ? '' : t('talk.mark')) },
    ],
    rows,
    t('deliveries.none'),
  )

const list = command({
  name: 'list',
  options: [
    { name: 'state', value: 'state' },
    { name: 'contact-id', value: 'id' },
    { name: 'account', value: 'id' },
    { name: 'campaign', value: 'id' },
    { name: 'before', value: 'id' },
    { name: 'limit', value: 'n' },
  ],
  run: (context, input) => context.read((tx) => listDeliveries(tx, filterOf(input))),
  render: renderDeliveries,
})

const sayNow = ({ t, formats, now }: CliContext, row: NotSentExplanation): string => {
  if (row.campaignPaused) return t('words:reason.campaign_paused')
  if (row.nowSays === null) return ''
  const { kind, reason, until } = row.nowSays
  const params = { reason: reasonText(t, reason), until: until === null ? '' : formats.relative(until, now()) }
  return t(NOW_TEXTS[kind], params)
}

const NOW_TEXTS = {
  allow: 'deliveries.nowAllows',
  defer: 'deliveries.nowDefers',
  refuse: 'deliveries.nowRefuses',
} as const
const NOW_STYLES = { allow: 'green', defer: 'yellow', refuse: 'red' } as const

const renderWhy = (context: CliContext, rows: readonly NotSentExplanation[]): string => {
  const { t, terminal, formats, now } = context
  return renderTable(
    terminal,
    [
      { title: t('column.id'), value: (row) => row.deliveryId, align: 'right' },
      { title: t('column.state'), value: (row) => t(`words:deliveryState.${row.state}`) },
      { title: t('column.due'), value: (row) => formats.relative(row.dueAt, now()) },
      { title: t('column.reason'), value: (row) => reasonText(t, row.recordedReason) },
      {
        title: t('deliveries.now'),
        value: (row) => sayNow(context, row),
        style: ({ nowSays, campaignPaused }) => (nowSays === null || campaignPaused ? null : NOW_STYLES[nowSays.kind]),
      },
    ],
    rows,
    t('deliveries.nothingPlanned'),
  )
}

const why = command({
  name: 'why',
  args: [{ name: 'contact' }],
  options: [{ name: 'limit', value: 'n' }],
  run: (context, input) =>
    context.read(async (tx) => {
      const { id } = await resolveContact(tx, input.arg('contact'))
      return explainNotSent(tx, id, context.now(), input.whole('limit', 1, 500) ?? 20)
    }),
  render: renderWhy,
})

export const deliveries: CommandGroup = { name: 'deliveries', commands: [list, why] }
