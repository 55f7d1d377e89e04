import { asOperator, inTenant } from '#server/db/tenant-scope.ts'
import {
  type Ticket,
  addTicketMessage,
  getTicket,
  listTickets,
  openTicket,
  supportTermsOf,
} from '#server/modules/admin/index.ts'
import { getSubscription } from '#server/modules/billing/index.ts'

import type { PanelCommand, Written } from '../panel-command.ts'
import type { Reply } from '../reply.ts'
import { dayText, isolate, momentText, say } from '../say.ts'
import type { Talk } from '../talk.ts'

const LISTED = 5
const MESSAGES_SHOWN = 6
const MESSAGE_CUT = 500

const askers = (talk: Talk) => ({ telegramId: talk.speaker.telegramId })

/** What the package promises; strangers are told what they may ask for. */
const termsText = async (talk: Talk): Promise<string> => {
  const { tenant } = talk
  if (tenant === null || tenant.access.kind !== 'member') return talk.t('support.stranger')
  const terms = supportTermsOf(await inTenant(talk.deps.db, tenant.id, getSubscription))
  const hours = Math.round(terms.firstResponseMs / 3_600_000)
  const channels = terms.channels.map((channel) => talk.t(`support.channels.${channel}`)).join(', ')
  const window =
    terms.includedUntil === null
      ? talk.t('support.always')
      : talk.t(terms.includedUntil > talk.at ? 'support.until' : 'support.over', {
          day: dayText(talk, terms.includedUntil),
        })
  return say(talk, 'support.terms', { hours, channels, window })
}

const run = async (talk: Talk): Promise<Reply> => {
  const { tickets } = await asOperator(talk.deps.db, 'own tickets', (tx) =>
    listTickets(tx, askers(talk), { states: ['open', 'answered'] }, { limit: LISTED, offset: 0 }),
  )
  return {
    text: `${talk.t('support.title')}\n\n${await termsText(talk)}`,
    rows: [
      ...tickets.map((ticket) => [
        {
          label: `${ticket.state === 'answered' ? '💬' : '🕐'} #${ticket.id} ${ticket.subject}`.slice(0, 60),
          action: 'tic.show',
          args: [ticket.id],
        },
      ]),
      [{ label: talk.t('button.newTicket'), action: 'tic.ask' }],
    ],
  }
}

const ask = (talk: Talk): Reply => ({
  text: talk.t('support.ask'),
  rows: [[{ label: talk.t('button.back'), action: 'tic' }]],
  awaits: { input: 'tic.text' },
})

const opened = (talk: Talk, ticket: Ticket): Reply => ({
  text: say(talk, 'support.opened', { id: ticket.id, due: momentText(talk, ticket.firstResponseDueAt) }),
  rows: [[{ label: talk.t('button.showTicket'), action: 'tic.show', args: [ticket.id] }]],
})

const open = async (talk: Talk, { text }: Written): Promise<Reply> => {
  const tenantId = talk.tenant?.access.kind === 'member' ? talk.tenant.id : null
  const kind = tenantId === null ? 'sales' : 'support'
  const input = { ...askers(talk), tenantId, kind, text, reference: talk.reference } as const
  return opened(talk, await asOperator(talk.deps.db, 'open a ticket', (tx) => openTicket(tx, input, talk.at)))
}

const show = async (talk: Talk): Promise<Reply> => {
  const id = Number(talk.args[0] ?? 0)
  const { ticket, messages } = await asOperator(talk.deps.db, 'own ticket', (tx) => getTicket(tx, id, askers(talk)))
  const lines = messages.slice(-MESSAGES_SHOWN).map(({ author, text, at }) => {
    const who = talk.t(author === `telegram:${talk.speaker.telegramId}` ? 'support.you' : 'support.team')
    const words = text === null ? talk.t('support.dropped') : isolate(text.slice(0, MESSAGE_CUT))
    return say(talk, 'support.message', { who, at: momentText(talk, at), words })
  })
  const heading = say(talk, 'support.heading', { id, state: talk.t(`support.states.${ticket.state}`) })
  return {
    text: [`<b>${heading}</b>`, ...lines].join('\n\n'),
    rows: [
      ticket.state === 'closed' ? [] : [{ label: talk.t('button.writeMore'), action: 'tic.more', args: [id] }],
      [{ label: talk.t('button.back'), action: 'tic' }],
    ],
  }
}

const askMore = (talk: Talk): Reply => ({
  text: talk.t('support.askMore'),
  rows: [[{ label: talk.t('button.back'), action: 'tic.show', args: talk.args }]],
  awaits: { input: 'tic.more', args: talk.args },
})

const addMore = async (talk: Talk, { text }: Written): Promise<Reply> => {
  const ticketId = Number(talk.args[0] ?? 0)
  const words = { ticketId, ...askers(talk), text, reference: talk.reference }
  await asOperator(talk.deps.db, 'write to a ticket', (tx) => addTicketMessage(tx, words, talk.at))
  return show(talk)
}

export const support: PanelCommand = {
  key: 'tic',
  name: 'destek',
  aliases: ['support'],
  audience: 'anyone',
  about: 'command.support',
  run,
  actions: { ask: { run: ask }, show: { run: show }, more: { run: askMore } },
  inputs: { text: { run: open }, more: { run: addMore } },
}
