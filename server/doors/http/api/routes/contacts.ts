import { invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import {
  addTags,
  eraseContact,
  exportContact,
  getContactProfile,
  listContacts,
  listTimeline,
  removeTags,
} from '#server/modules/contacts/index.ts'
import { explainNotSent, listStrategies } from '#server/modules/delivery/index.ts'
import { explainSegments, findSegments, listContactsOfOwnSegment as listOfOwn } from '#server/modules/segments/index.ts'
import { can, maskContact } from '#server/modules/tenancy/index.ts'

import { given } from '../given.ts'
import type { Handlers } from '../call.ts'
import { KEEPING } from './contact-keeping.ts'
import { presentEntry, presentExplanation, presentProfile } from './contact-views.ts'
import { getPerson } from './living-contact.ts'

/** The hours and the frequency that the strategy of the primary segment allows, if there is one. */
const boundsOf = async (tx: TenantTx, contactId: number) => {
  const [assigned] = await findSegments(tx, [contactId])
  const strategy = (await listStrategies(tx)).find((row) => row.enabled && row.segment === assigned?.primarySegment)
  return strategy && { allowedHours: strategy.hours, cap: strategy }
}

export const contactRoutes: Handlers['contacts'] = () => ({
  list: ({ inTenant, actor, at, query: { cursor, limit, own, ...filter } }) =>
    inTenant(async (tx) => {
      const wanted = [given(filter), { cursor: cursor ?? null, limit }] as const
      const page = await (own === undefined ? listContacts(tx, ...wanted) : listOfOwn(tx, own, ...wanted, at))
      const assigned = await findSegments(
        tx,
        page.contacts.map(({ id }) => id),
      )
      const segments = new Map(assigned.map(({ contactId, primarySegment }) => [contactId, primarySegment]))
      return {
        items: page.contacts.map((contact) => ({
          ...maskContact(actor.access, contact),
          segment: segments.get(contact.id) ?? null,
        })),
        nextCursor: page.nextCursor,
      }
    }),
  get: ({ inTenant, actor, params, at }) =>
    inTenant(async (tx) => {
      const { id } = await getPerson(tx, params.id)
      const profile = await getContactProfile(tx, id, at, await boundsOf(tx, id))
      return { ...maskContact(actor.access, profile.contact), ...presentProfile(profile) }
    }),
  explainSegments: ({ inTenant, actor, params, at }) =>
    inTenant(async (tx) => {
      const { id } = await getPerson(tx, params.id)
      return presentExplanation(await explainSegments(tx, id, at), can(actor.access, 'conversations.view'))
    }),
  timeline: ({ inTenant, actor, params, query: { cursor, limit } }) =>
    inTenant(async (tx) => {
      const { id } = await getPerson(tx, params.id)
      const { entries, nextCursor } = await listTimeline(tx, id, { cursor: cursor ?? null, limit })
      const mayRead = can(actor.access, 'conversations.view')
      return { items: entries.map((entry) => presentEntry(entry, mayRead)), nextCursor }
    }),
  explainUnsent: ({ inTenant, params, at }) =>
    inTenant(async (tx) => {
      const { id } = await getPerson(tx, params.id)
      const deliveries = await explainNotSent(tx, id, at)
      return {
        items: deliveries
          .filter(({ state }) => state !== 'sent' && state !== 'reserved')
          .map(({ nowSays, ...delivery }) => ({ ...delivery, now: nowSays })),
      }
    }),
  addTags: ({ inTenant, params, body: { tags }, at }) =>
    inTenant(async (tx) => {
      const { id } = await getPerson(tx, params.id)
      await addTags(tx, { contactIds: [id], tags, at })
      return {}
    }),
  removeTags: ({ inTenant, params, body: { tags }, at }) =>
    inTenant(async (tx) => {
      const { id } = await getPerson(tx, params.id)
      await removeTags(tx, { contactIds: [id], tags, at })
      return {}
    }),
  ...KEEPING,
  export: ({ inTenant, params, at }) =>
    inTenant(async (tx) => exportContact(tx, (await getPerson(tx, params.id)).id, at)),
  erase: ({ inTenant, actor, params: { id }, body: { confirm }, at }) =>
    inTenant(async (tx) => {
      // A merged contact's old number would erase somebody whose number was not typed.
      const person = await getPerson(tx, id)
      if (confirm !== person.id) throw invalid('unknown_word', 'confirm', { allowed: String(person.id) })
      await eraseContact(tx, person.id, { by: actor.by, at })
      return {}
    }),
})
