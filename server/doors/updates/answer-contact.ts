import {
  addTags,
  consentTextVersion,
  eraseContact,
  getContact,
  getContactProfile,
  recordConsent,
  recordOptOut,
} from '#server/modules/contacts/index.ts'
import {
  applyAiConsent,
  closeForStop,
  handOverConversation,
  upsertInbound,
} from '#server/modules/conversations/index.ts'
import { cancelForContact, greetOwner, recordOptOutOutcome } from '#server/modules/delivery/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'

import { greet, menu, price, topic } from './answer-as-persona.ts'
import { answerToInvite, invite, points, privacy } from './answer-invites.ts'
import { buy, cancelOrder, paySupport, terms } from './answer-order.ts'
import { rate, rateComment } from './answer-rating.ts'
import type { Intent } from './intent.rules.ts'
import { findWayIn } from './show-way-in.ts'
import { type Answer, type Talk, type Toast, reply, say } from './talk.ts'

const question = (talk: Talk): { readonly text: string; readonly version: string } => {
  const text = `${say(talk, 'start.notice')}\n\n${say(talk, 'start.question')}`
  return { text, version: consentTextVersion('marketing', text) }
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
      consentTextVersion(purpose, purpose === 'marketing' ? question(talk).text : say(talk, 'consent.nightQuestion'))
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
  await closeForStop(tx, contactId, at)
  // Said again, it is recorded again and confirmed no more: the answer would be one more unwanted message.
  return contact.suppressedAt === null ? reply(talk, say(talk, 'stop.done')) : null
}

/** May a model read what they write? What waits for the answer is answered by it, or by a person. */
const decideAi =
  (granted: boolean): Answer =>
  async (talk) => {
    const { tx, contactId, accountId, updateId, at, now } = talk
    const textVersion = talk.argument || consentTextVersion('ai_processing', say(talk, 'ai.consentQuestion'))
    const word = { contactId, purpose: 'ai_processing', granted, textVersion, source: 'bot' } as const
    await recordConsent(tx, { ...word, accountId, updateId, at })
    const isAnswering = await applyAiConsent(tx, { contactId, granted }, now)
    // The answer itself says enough.
    return isAnswering ? null : reply(talk, say(talk, granted ? 'ai.granted' : 'ai.refused'))
  }

const night: Answer = (talk) => {
  const text = say(talk, 'consent.nightQuestion')
  const version = consentTextVersion('night_hours', text)
  return reply(talk, text, [[`night_yes:${version}`, `night_no:${version}`]])
}

/** Asking for a person is a message to one: the conversation is open from here on, and no model's. */
const human: Answer = async (talk) => {
  const { tx, accountId, contactId, at } = talk
  await addTags(tx, { contactIds: [contactId], tags: ['needs-human'], at })
  const { id } = await upsertInbound(tx, { accountId, contactId, messageId: null, at })
  await handOverConversation(tx, id, 'asked', at)
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

const ANSWERS: Readonly<Record<Intent, Answer>> = {
  start,
  menu,
  topic,
  price,
  human,
  privacy,
  my_data: myData,
  erase: (talk) => reply(talk, say(talk, 'erase.question'), [['erase_yes', 'erase_no']]),
  erase_yes: erase,
  erase_no: (talk) => reply(talk, say(talk, 'erase.kept')),
  stop,
  consent_yes: decide('marketing', true, 'consent.granted'),
  consent_no: decide('marketing', false, 'consent.refused'),
  night,
  night_yes: decide('night_hours', true, 'consent.nightGranted'),
  ai_yes: decideAi(true),
  ai_no: decideAi(false),
  night_no: decide('night_hours', false, 'consent.nightRefused'),
  invite_yes: answerToInvite('invite_yes'),
  invite_no: answerToInvite('invite_no'),
  rate,
  rate_comment: rateComment,
  invite,
  points,
  order_buy: buy,
  order_cancel: cancelOrder,
  paysupport: paySupport,
  terms,
}

/** Does what the contact asks for and answers, in the contact's language. Returns what to show over the chat, if anything. */
export const answerContact = (talk: Talk, intent: Intent): Promise<Toast> => ANSWERS[intent](talk)
