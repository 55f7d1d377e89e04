import { createHash } from 'node:crypto'

import {
  addTags,
  eraseContact,
  getContact,
  getContactProfile,
  recordConsent,
  recordOptOut,
} from '#server/modules/contacts/index.ts'
import { cancelForContact, greetOwner, recordOptOutOutcome } from '#server/modules/delivery/index.ts'
import { type InviteAction, answerInvite } from '#server/modules/invites/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'

import { greet, menu, price, topic } from './answer-as-persona.ts'
import type { Intent } from './intent.rules.ts'
import { findWayIn } from './show-way-in.ts'
import { type Answer, type Talk, type Toast, reply, say } from './talk.ts'

/** Names the very text a consent was given to: its wording decides the version, so an edited text is a new one. */
const textVersion = (purpose: string, text: string): string =>
  `${purpose}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`

const question = (talk: Talk): { readonly text: string; readonly version: string } => {
  const text = `${say(talk, 'start.notice')}\n\n${say(talk, 'start.question')}`
  return { text, version: textVersion('marketing', text) }
}

const hasMarketing = async (talk: Talk): Promise<boolean> => {
  const { consents } = await getContactProfile(talk.tx, talk.contactId, talk.now)
  return consents.some((consent) => consent.purpose === 'marketing' && consent.granted)
}

const start: Answer = async (talk) => {
  const { tx, accountId, person, tenant, now: at, t } = talk
  // Whoever linked the bot and has just opened it waits for the proof that it works.
  await greetOwner(tx, {
    accountId,
    writer: person.telegramId,
    tenantLocale: tenant.locale,
    translator: () => t,
    at,
  })
  const greeting = await greet(talk)
  if (await hasMarketing(talk)) {
    const wayIn = await findWayIn(talk, 'greeting')
    const parts = [greeting, say(talk, 'start.notice'), say(talk, 'start.known'), ...wayIn.lines]
    return reply(talk, parts.join('\n\n'), [...wayIn.rows, ['menu', 'privacy']], wayIn.counted)
  }
  const { text, version } = question(talk)
  return reply(talk, `${greeting}\n\n${text}`, [
    [`consent_yes:${version}`, `consent_no:${version}`],
    ['menu', 'privacy'],
  ])
}

const decide =
  (purpose: 'marketing' | 'night_hours', granted: boolean, key: string): Answer =>
  async (talk) => {
    const { tx, contactId, accountId, updateId, at } = talk
    // A button of a message that carried no version was made before versions were: it shows today's question.
    const version =
      talk.argument ||
      textVersion(purpose, purpose === 'marketing' ? question(talk).text : say(talk, 'consent.nightQuestion'))
    await recordConsent(tx, {
      contactId,
      purpose,
      granted,
      textVersion: version,
      source: 'bot',
      accountId,
      updateId,
      at,
    })
    return reply(talk, say(talk, key))
  }

const stop: Answer = async (talk) => {
  const { tx, contactId, accountId, updateId, at, now } = talk
  const contact = await getContact(tx, contactId)
  await recordOptOut(tx, { contactId, source: talk.by, accountId, updateId, at })
  await cancelForContact(tx, contactId, 'suppressed', now)
  await recordOptOutOutcome(tx, contactId, at)
  // Said again, it is recorded again and confirmed no more: the answer would be one more unwanted message.
  return contact.suppressedAt === null ? reply(talk, say(talk, 'stop.done')) : null
}

const night: Answer = (talk) => {
  const text = say(talk, 'consent.nightQuestion')
  const version = textVersion('night_hours', text)
  return reply(talk, text, [[`night_yes:${version}`, `night_no:${version}`]])
}

const human: Answer = async (talk) => {
  await addTags(talk.tx, { contactIds: [talk.contactId], tags: ['needs-human'], at: talk.at })
  return reply(talk, say(talk, 'human'))
}

const myData: Answer = async (talk) => {
  const profile = await getContactProfile(talk.tx, talk.contactId, talk.now)
  const { contact, features } = profile
  const granted = profile.consents.some((consent) => consent.purpose === 'marketing' && consent.granted)
  const day = new Intl.DateTimeFormat(talk.tenant.locale, {
    dateStyle: 'medium',
    timeZone: talk.tenant.timeZone,
  }).format(contact.firstSeenAt)
  const lines = [
    say(talk, 'data.title'),
    say(talk, 'data.name', { name: escapeText(`${contact.firstName} ${contact.lastName}`.trim()) }),
    say(talk, 'data.since', { day }),
    say(talk, 'data.messages', { inbound: features.inboundCount, outbound: profile.outboundCount }),
    say(talk, granted ? 'data.marketing_yes' : 'data.marketing_no'),
    ...(contact.tags.length > 0 ? [say(talk, 'data.tags', { tags: escapeText(contact.tags.join(', ')) })] : []),
    '',
    say(talk, 'data.export'),
  ]
  return reply(talk, lines.join('\n'))
}

/** The confirmation is shown and not sent: a message would put the person's id into the ledger again. */
const erase: Answer = async (talk) => {
  await eraseContact(talk.tx, talk.contactId, { by: 'contact', at: talk.at })
  return say(talk, 'erase.done')
}

const answerToInvite =
  (action: InviteAction): Answer =>
  async (talk) => {
    const { tx, contactId, deliveryId, at } = talk
    const invited = deliveryId === null ? null : await answerInvite(tx, { contactId, deliveryId, action, at })
    if (!invited) return say(talk, 'unknown')
    if (action === 'invite_no') return reply(talk, say(talk, 'invite.refused'))
    if (invited.link !== null) return reply(talk, say(talk, 'invite.link', { link: invited.link }))
    // A private chat has no address to give: a colleague lets the person in.
    await addTags(tx, { contactIds: [contactId], tags: ['needs-human'], at })
    return reply(talk, say(talk, 'invite.byHand'))
  }

const ANSWERS: Readonly<Record<Intent, Answer>> = {
  start,
  menu,
  topic,
  price,
  human,
  privacy: (talk) => reply(talk, say(talk, 'privacy')),
  my_data: myData,
  erase: (talk) => reply(talk, say(talk, 'erase.question'), [['erase_yes', 'erase_no']]),
  erase_yes: erase,
  erase_no: (talk) => reply(talk, say(talk, 'erase.kept')),
  stop,
  consent_yes: decide('marketing', true, 'consent.granted'),
  consent_no: decide('marketing', false, 'consent.refused'),
  night,
  night_yes: decide('night_hours', true, 'consent.nightGranted'),
  night_no: decide('night_hours', false, 'consent.nightRefused'),
  invite_yes: answerToInvite('invite_yes'),
  invite_no: answerToInvite('invite_no'),
}

/** Does what the contact asks for and answers, in the contact's language. Returns what to show over the chat, if anything. */
export const answerContact = (talk: Talk, intent: Intent): Promise<Toast> => ANSWERS[intent](talk)
