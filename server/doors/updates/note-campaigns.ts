import { z } from 'zod'

import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { TouchedContact } from '#server/modules/contacts/index.ts'
import { type PostResponse, findDripping, noteDripEvent, recordPostResponses } from '#server/modules/delivery/index.ts'

import type { Happening } from './happening.rules.ts'
import { intentOfText } from './intent.rules.ts'

const repliedShape = z.object({ message: z.object({ reply_to_message: z.object({ message_id: z.int() }) }) })

/** The message a group message answers, by Telegram's number; null for one that answers none. */
const repliedTo = (payload: unknown): number | null =>
  repliedShape.safeParse(payload).data?.message.reply_to_message.message_id ?? null

/** What somebody did with a message of a group, if they did something with one. */
const responseOf = ({ update, activities }: Happening, contactId: number): PostResponse | null => {
  const [activity] = activities
  if (!activity?.chat) return null
  const { kind, at, messageId } = activity
  const base = { chatTelegramId: activity.chat.telegramId, contactId, at }
  if (kind === 'reaction' && messageId !== undefined) return { ...base, messageId, kind: 'reaction' }
  if (kind === 'button' && messageId !== undefined) return { ...base, messageId, kind: 'click' }
  const answered = kind === 'group_message' ? repliedTo(update.payload) : null
  return answered === null ? null : { ...base, messageId: answered, kind: 'reply' }
}

/** A withdrawal is no answer: it ends everything by itself. */
const isAnswer = ({ said, pressed }: Happening): boolean =>
  said ? intentOfText(said.text) !== 'stop' : pressed?.isPrivate === true

/** Tells campaigns what people did: what was answered ends drips, what was done with our posts is measured. */
export const noteCampaigns = async (tx: TenantTx, people: ReadonlyMap<Happening, TouchedContact>): Promise<void> => {
  await recordPostResponses(
    tx,
    [...people].flatMap(([happening, { contactId }]) => responseOf(happening, contactId) ?? []),
  )
  const answers = [...people].filter(([happening]) => isAnswer(happening))
  const dripping = await findDripping(tx, [...new Set(answers.map(([, { contactId }]) => contactId))])
  for (const [{ at, update }, { contactId }] of answers) {
    if (dripping.has(contactId)) await noteDripEvent(tx, { contactId, accountId: update.accountId, what: 'answer', at })
  }
}
