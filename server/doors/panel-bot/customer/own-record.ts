import { asOperator } from '#server/db/tenant-scope.ts'
import { findPanelPerson, listTickets, openTicket, setPanelMuted } from '#server/modules/admin/index.ts'
import { findTenant } from '#server/modules/tenancy/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'

import { askConfirmation } from '../ask-confirmation.ts'
import type { PanelCommand } from '../panel-command.ts'
import type { Reply } from '../reply.ts'
import { dayText, isolate, say } from '../say.ts'
import type { Talk } from '../talk.ts'

const TICKETS_MAX = 100

/** Everything this bot keeps about the speaker, and nothing of anybody else. */
const collect = (talk: Talk) =>
  asOperator(talk.deps.db, 'what is kept about a person', async (tx) => {
    const { telegramId, memberships, operator } = talk.speaker
    const person = await findPanelPerson(tx, telegramId)
    const { tickets } = await listTickets(tx, { telegramId }, {}, { limit: TICKETS_MAX, offset: 0 })
    const tenants = await Promise.all(memberships.map(({ tenantId }) => findTenant(tx, tenantId)))
    return {
      telegramId,
      name: person?.name ?? talk.speaker.name,
      username: person?.username ?? null,
      locale: talk.speaker.locale,
      operatorRole: operator?.role ?? null,
      announcements: person?.mutedAt === null,
      memberships: memberships.map(({ tenantId, role, joinedAt }) => ({
        tenant: tenants.find((tenant) => tenant?.id === tenantId)?.name ?? '',
        role,
        joinedAt,
      })),
      tickets: tickets.map(({ id, kind, subject, state, openedAt }) => ({ id, kind, subject, state, openedAt })),
    }
  })

const showData = async (talk: Talk): Promise<Reply> => {
  const kept = await collect(talk)
  const memberships = kept.memberships.map(({ tenant, role, joinedAt }) =>
    say(talk, 'myData.membership', {
      tenant: isolate(tenant),
      role: talk.t(`role.${role}`),
      day: dayText(talk, joinedAt),
    }),
  )
  return {
    text: [
      `<b>${talk.t('myData.title')}</b>`,
      say(talk, 'myData.person', {
        name: isolate(kept.name),
        username: kept.username === null ? '–' : `@${kept.username}`,
        id: String(kept.telegramId),
      }),
      ...(memberships.length === 0 ? [talk.t('myData.noMembership')] : memberships),
      talk.t('myData.tickets', { count: kept.tickets.length }),
      talk.t('myData.more'),
    ].join('\n'),
    rows: [
      [{ label: talk.t('button.export'), action: 'data.file', tenantId: 0 }],
      [{ label: talk.t('button.erase'), action: 'era', tenantId: 0 }],
    ],
  }
}

/** A message holds 4096 characters; the oldest tickets give way. */
const EXPORT_MAX = 3_500

const exportData = async (talk: Talk): Promise<Reply> => {
  const kept = await collect(talk)
  let { tickets } = kept
  let text = JSON.stringify({ ...kept, tickets }, null, 1)
  while (text.length > EXPORT_MAX && tickets.length > 0) {
    tickets = tickets.slice(0, -1)
    text = JSON.stringify({ ...kept, tickets, ticketsLeftOut: kept.tickets.length - tickets.length }, null, 1)
  }
  return { text: `<pre>${escapeText(text)}</pre>`, asNew: true }
}

export const myData: PanelCommand = {
  key: 'data',
  name: 'verilerim',
  aliases: ['mydata'],
  audience: 'anyone',
  about: 'command.myData',
  run: showData,
  actions: { file: { run: exportData } },
}

/** Asked twice: what is deleted does not come back. */
const askErase = (talk: Talk): Reply => ({
  text: talk.t('erase.explain'),
  rows: [
    [{ label: talk.t('button.goOn'), action: 'era.sure', tenantId: 0 }],
    [{ label: talk.t('button.keep'), action: 'data', tenantId: 0 }],
  ],
})

const askAgain = (talk: Talk): Reply =>
  askConfirmation(talk, { action: 'era.send', tenantId: 0, question: talk.t('erase.again'), back: 'data' })

const requestErasure = async (talk: Talk): Promise<Reply> => {
  const owned = talk.speaker.memberships.find(({ role }) => role === 'owner')
  const input = {
    telegramId: talk.speaker.telegramId,
    tenantId: owned?.tenantId ?? talk.speaker.memberships[0]?.tenantId ?? null,
    kind: 'deletion',
    text: talk.t(owned ? 'erase.requestTenant' : 'erase.request'),
    reference: talk.reference,
  } as const
  const ticket = await asOperator(talk.deps.db, 'ask for deletion', (tx) => openTicket(tx, input, talk.at))
  return {
    text: say(talk, 'erase.sent', { id: ticket.id }),
    rows: [[{ label: talk.t('button.showTicket'), action: 'tic.show', args: [ticket.id], tenantId: 0 }]],
  }
}

export const erase: PanelCommand = {
  key: 'era',
  name: 'sil',
  aliases: ['erase', 'delete'],
  audience: 'anyone',
  about: 'command.erase',
  run: askErase,
  actions: {
    sure: { run: askAgain },
    send: { confirm: (talk) => talk.t('erase.again'), run: requestErasure },
  },
}

const showConsents = async (talk: Talk): Promise<Reply> => {
  const person = await asOperator(talk.deps.db, 'own consents', (tx) => findPanelPerson(tx, talk.speaker.telegramId))
  const isMuted = (person?.mutedAt ?? null) !== null
  return {
    text: `${talk.t('consents.title')}\n\n${talk.t(isMuted ? 'consents.muted' : 'consents.open')}\n\n${talk.t('consents.needed')}`,
    rows: [
      [
        {
          label: talk.t(isMuted ? 'button.allowNews' : 'button.withdrawNews'),
          action: isMuted ? 'cons.give' : 'cons.take',
          tenantId: 0,
        },
      ],
    ],
  }
}

const setConsent =
  (mutes: boolean) =>
  async (talk: Talk): Promise<Reply> => {
    const { telegramId } = talk.speaker
    await asOperator(talk.deps.db, 'consent of a person', (tx) => setPanelMuted(tx, telegramId, mutes ? talk.at : null))
    return { ...(await showConsents(talk)), toast: talk.t(mutes ? 'consents.withdrawn' : 'consents.given') }
  }

export const consents: PanelCommand = {
  key: 'cons',
  name: 'izinler',
  aliases: ['consents', 'permissions'],
  audience: 'anyone',
  about: 'command.consents',
  run: showConsents,
  actions: { give: { run: setConsent(false) }, take: { run: setConsent(true) } },
}
