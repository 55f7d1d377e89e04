import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { TouchedContact } from '#server/modules/contacts/index.ts'
import { type Coming, recordJoins, recordReferral } from '#server/modules/invites/index.ts'

import type { Happening } from './happening.rules.ts'

const COMINGS: readonly string[] = ['join_requested', 'joined_chat', 'left_chat', 'removed_from_chat']

const isComing = (kind: string): kind is Coming['kind'] => COMINGS.includes(kind)

/** Who came, asked to come or went among these happenings; a service message may tell of several people at once. */
const comingsOf = (people: ReadonlyMap<Happening, TouchedContact>): readonly Coming[] =>
  [...people].flatMap(([{ activities }, { contactId }]) => {
    const [activity] = activities
    if (!activity?.chat || !isComing(activity.kind)) return []
    const { chat, kind, label: linkName = null, at } = activity
    return [{ contactId, chatTelegramId: chat.telegramId, kind, linkName, at }]
  })

/** Ties people who come and go to the links and invitations that brought them, once the activities are recorded. */
export const trackJoins = (tx: TenantTx, people: ReadonlyMap<Happening, TouchedContact>): Promise<void> =>
  recordJoins(tx, comingsOf(people))

/** Writes down by whom people came who were not known before this moment. */
export const trackReferrals = async (tx: TenantTx, people: ReadonlyMap<Happening, TouchedContact>): Promise<void> => {
  for (const [{ activities, update }, { contactId, created }] of people) {
    const started = created ? activities.find((activity) => activity.kind === 'started') : undefined
    if (started === undefined) continue
    const { startPayload: payload, at } = started
    await recordReferral(tx, { newcomerId: contactId, accountId: update.accountId, payload, at })
  }
}
