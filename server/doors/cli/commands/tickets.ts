import { TICKET_STATES } from '#contract/words.ts'
import { asOperator } from '#server/db/tenant-scope.ts'
import {
  type Ticket,
  answerTicket,
  closeTicket,
  getTicket,
  isOverdue,
  listTickets,
} from '#server/modules/admin/index.ts'

import { type CommandGroup, command } from '../command.ts'
import { ACTOR, type CliContext } from '../context.ts'
import { renderTable } from '../present/table.ts'

/** Whoever may run commands on the server runs the installation. */
const asOperatorHere = (context: CliContext) =>
  ({ by: ACTOR, access: { kind: 'operator', role: 'operator' }, at: context.now() }) as const

const renderTickets = ({ t, terminal, formats, now }: CliContext, rows: readonly Ticket[]): string =>
  renderTable(
    terminal,
    [
      { title: t('column.id'), value: (row) => row.id, align: 'right' },
      { title: t('column.kind'), value: (row) => t(`tickets.kind.${row.kind}`) },
      { title: t('column.state'), value: (row) => t(`tickets.state.${row.state}`) },
      { title: t('tickets.tenant'), value: (row) => row.tenantId ?? '–', align: 'right' },
      { title: t('tickets.opened'), value: (row) => formats.relative(row.openedAt, now()) },
      {
        title: t('tickets.due'),
        value: (row) =>
          row.firstResponseAt === null
            ? `${formats.relative(row.firstResponseDueAt, now())}${isOverdue(row, now()) ? ' !' : ''}`
            : t('tickets.given'),
      },
      { title: t('tickets.subject'), value: (row) => row.subject },
    ],
    rows,
    t('tickets.none'),
  )

const list = command({
  name: 'list',
  options: [{ name: 'state', value: TICKET_STATES.join('|') }, { name: 'limit', value: 'n' }, { name: 'overdue' }],
  run: async (context, input) => {
    const state = input.oneOf('state', TICKET_STATES)
    const filter = {
      ...(state !== null && { states: [state] }),
      ...(input.isOn('overdue') && { overdueAt: context.now() }),
    }
    const page = { limit: input.whole('limit', 1, 100) ?? 50, offset: 0 }
    return asOperator(await context.db(), 'command line', (tx) =>
      listTickets(tx, asOperatorHere(context), filter, page),
    )
  },
  render: (context, { tickets: rows }) => renderTickets(context, rows),
})

const show = command({
  name: 'show',
  args: [{ name: 'ticket' }],
  run: async (context, input) =>
    asOperator(await context.db(), 'command line', (tx) => getTicket(tx, input.id('ticket'), asOperatorHere(context))),
  render: (context, { ticket, messages }) => {
    const { t, formats, now } = context
    const lines = messages.map(
      ({ author, at, text }) => `${author} · ${formats.relative(at, now())}\n${text ?? t('tickets.dropped')}`,
    )
    return [renderTickets(context, [ticket]), ...lines].join('\n\n')
  },
})

const answer = command({
  name: 'answer',
  args: [{ name: 'ticket' }],
  options: [{ name: 'text', value: 'text', required: true }],
  run: (context, input) => {
    const words = {
      ticketId: input.id('ticket'),
      text: input.text('text') ?? '',
      reference: `cli:${input.id('ticket')}:${context.now()}`,
    }
    return context.changeInstallation((tx) => answerTicket(tx, words, asOperatorHere(context)))
  },
  render: ({ t }, ticket) => t('tickets.answered', { id: ticket.id }),
})

const close = command({
  name: 'close',
  args: [{ name: 'ticket' }],
  run: async (context, input) => {
    const id = input.id('ticket')
    await context.confirm(context.t('tickets.closeSure', { id }))
    return context.changeInstallation((tx) => closeTicket(tx, id, asOperatorHere(context)))
  },
  render: ({ t }, ticket) => t('tickets.closed', { id: ticket.id }),
})

export const tickets: CommandGroup = { name: 'tickets', commands: [list, show, answer, close] }
