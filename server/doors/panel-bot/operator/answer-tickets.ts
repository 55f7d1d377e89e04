import { asOperator } from '#server/db/tenant-scope.ts'
import {
  type Ticket,
  answerTicket,
  assignTicket,
  closeTicket,
  getTicket,
  isOverdue,
  listTickets,
  reportSupport,
} from '#server/modules/admin/index.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { findTenant } from '#server/modules/tenancy/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'

import { PAGE_SIZE, pageRow } from '../paging.ts'
import type { PanelCommand } from '../panel-command.ts'
import type { Reply } from '../reply.ts'
import { durationText, isolate, momentText, numberText, say } from '../say.ts'
import { type Talk, actingOperator } from '../talk.ts'

const SHOWN = 8
const CUT = 600

const markOf = (talk: Talk, ticket: Ticket): string => {
  if (ticket.state === 'closed') return '⚪️'
  if (ticket.state === 'answered') return '💬'
  return isOverdue(ticket, talk.at) ? '🔴' : ticket.priority === 'high' ? '🔺' : '🕐'
}

const showList = async (talk: Talk, wanted: number): Promise<Reply> => {
  const { access, at } = actingOperator(talk)
  const number = Math.max(0, Math.trunc(Number.isFinite(wanted) ? wanted : 0))
  const { page, support } = await asOperator(talk.deps.db, 'tickets', async (tx) => ({
    page: await listTickets(
      tx,
      { access },
      { states: ['open', 'answered'] },
      { limit: PAGE_SIZE, offset: number * PAGE_SIZE },
    ),
    support: await reportSupport(tx, { from: at - 30 * DAY_MS, at }),
  }))
  const count = Math.max(1, Math.ceil(page.total / PAGE_SIZE))
  const params = {
    open: numberText(talk, support.open),
    answered: numberText(talk, support.answered),
    overdue: numberText(talk, support.overdue),
    median: support.medianFirstResponseMs === null ? '–' : durationText(talk, support.medianFirstResponseMs),
  }
  return {
    text: `<b>${talk.t('operator.tickets.title')}</b>\n${say(talk, 'operator.tickets.figures', params)}`,
    rows: [
      ...page.tickets.map((ticket) => [
        {
          label: `${markOf(talk, ticket)} #${ticket.id} ${ticket.subject}`.slice(0, 60),
          action: 'tix.show',
          args: [ticket.id],
        },
      ]),
      pageRow({ ...talk, tenant: null }, 'tix.page', { number: Math.min(number, count - 1), count }),
    ],
  }
}

const idOf = (talk: Talk): number => Number(talk.args[0] ?? 0)

const showTicket = async (talk: Talk, above = ''): Promise<Reply> => {
  const { access } = actingOperator(talk)
  const { thread, tenant } = await asOperator(talk.deps.db, 'a ticket', async (tx) => {
    const thread = await getTicket(tx, idOf(talk), { access })
    const { tenantId } = thread.ticket
    return { thread, tenant: tenantId === null ? null : await findTenant(tx, tenantId) }
  })
  const { ticket, messages } = thread
  const head = say(talk, 'operator.tickets.head', {
    id: ticket.id,
    kind: talk.t(`ticket.kind.${ticket.kind}`),
    state: talk.t(`ticket.state.${ticket.state}`),
    who: isolate(tenant?.name ?? talk.t('operator.tickets.stranger')),
    due: momentText(talk, ticket.firstResponseDueAt),
  })
  const lines = messages.slice(-SHOWN).map(({ author, text, at }) => {
    const words = text === null ? talk.t('operator.tickets.dropped') : isolate(escapeText(text.slice(0, CUT)))
    const who = author.startsWith('telegram:') ? '👤' : '🛟'
    return `${who} ${momentText(talk, at)}\n${words}`
  })
  const args = [ticket.id]
  const isOpen = ticket.state !== 'closed'
  return {
    text: [...(above === '' ? [] : [above]), `<b>${head}</b>`, ...lines].join('\n\n'),
    rows: [
      isOpen
        ? [
            { label: talk.t('operator.button.answer'), action: 'tix.reply', args },
            { label: talk.t('operator.button.close'), action: 'tix.close', args },
          ]
        : [],
      [
        ...(isOpen && ticket.assignedTo !== talk.speaker.telegramId
          ? [{ label: talk.t('operator.button.take'), action: 'tix.take', args }]
          : []),
        ...(tenant === null ? [] : [{ label: talk.t('operator.button.detail'), action: 'det', tenantId: tenant.id }]),
      ],
      [{ label: talk.t('operator.button.tickets'), action: 'tix' }],
    ],
  }
}

const answer = async (talk: Talk, text: string): Promise<Reply> => {
  const words = { ticketId: idOf(talk), text, reference: talk.reference }
  await asOperator(talk.deps.db, 'answer a ticket', (tx) => answerTicket(tx, words, actingOperator(talk)))
  return showTicket(talk, talk.t('operator.tickets.answered'))
}

const take = async (talk: Talk): Promise<Reply> => {
  const to = talk.speaker.telegramId
  await asOperator(talk.deps.db, 'take a ticket', (tx) =>
    assignTicket(tx, { ticketId: idOf(talk), to }, actingOperator(talk)),
  )
  return showTicket(talk, talk.t('operator.tickets.taken'))
}

const close = async (talk: Talk): Promise<Reply> => {
  await asOperator(talk.deps.db, 'close a ticket', (tx) => closeTicket(tx, idOf(talk), actingOperator(talk)))
  return showTicket(talk, talk.t('operator.tickets.closed'))
}

export const tickets: PanelCommand = {
  key: 'tix',
  name: 'talepler',
  aliases: ['tickets'],
  audience: 'operator',
  needs: 'support.answer',
  about: 'operator.about.tickets',
  run: (talk) => showList(talk, 0),
  actions: {
    page: { run: (talk) => showList(talk, Number(talk.args[0] ?? 0)) },
    show: { run: (talk) => showTicket(talk) },
    take: { run: take },
    close: { confirm: (talk) => talk.t('operator.tickets.sureClose', { id: idOf(talk) }), run: close },
    reply: {
      run: (talk) => ({
        text: talk.t('operator.tickets.ask', { id: idOf(talk) }),
        awaits: { input: 'tix.text', args: [idOf(talk)] },
      }),
    },
  },
  inputs: { text: { run: (talk, { text }) => answer(talk, text) } },
}
