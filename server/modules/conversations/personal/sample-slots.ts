import type { ModelRefusal } from '#contract/words.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { getContact } from '#server/modules/contacts/index.ts'
import { findSegments } from '#server/modules/segments/index.ts'
import { findVariant, getTemplate, renderVariant } from '#server/modules/templates/index.ts'
import { type ActingPerson, getOwnTenant, requireCan } from '#server/modules/tenancy/index.ts'

import { findPersona } from '../persona.store.ts'
import { askSlots } from './ask-slots.ts'
import { type CheckedSlot, wantedSlots } from './slot.rules.ts'
import type { SlotDeps } from './write-slots.ts'

export interface SampleRequest {
  readonly templateId: number
  readonly contactId: number
  /** Whose voice and catalogue. */
  readonly accountId: number
}

/** One arm of the template as it would read for the contact. */
export interface SlotSample {
  readonly variant: string
  readonly slots: readonly CheckedSlot[]
  /** The message with the texts the checks let pass, as Telegram HTML. */
  readonly text: string
}

/**
 * Has the model write the slots of each arm for one contact who agreed to it, to look at: nothing is kept or sent. A real
 * question that costs tokens. Errors: `forbidden/not_allowed`, `not_found`.
 */
export const sampleSlots = async (
  deps: SlotDeps,
  tenantId: number,
  { templateId, contactId, accountId }: SampleRequest,
  { access }: Pick<ActingPerson, 'access'>,
): Promise<{ readonly samples: readonly SlotSample[]; readonly stoppedBy: ModelRefusal | null }> => {
  requireCan(access, 'templates.view')
  const { readers, voice, person } = await inTenant(deps.db, tenantId, async (tx) => {
    const template = await getTemplate(tx, templateId)
    const contact = await getContact(tx, contactId)
    const tenant = await getOwnTenant(tx)
    const segment = (await findSegments(tx, [contactId]))[0]?.primarySegment ?? null
    const persona = await findPersona(tx, accountId)
    const arms = [...new Set(template.variants.map(({ name }) => name))]
    return {
      voice: { persona, senderName: tenant.senderName, locale: tenant.locale, passages: [] },
      person: contact,
      readers: arms.flatMap((arm) => {
        const variant = findVariant(template, arm, contact.languageCode, tenant.locale)
        const briefs = template.slotBriefs
        if (!variant || wantedSlots({ variant, briefs }).length === 0) return []
        const { firstName, lastSeenAt } = contact
        return [{ contactId, firstName, lastSeenAt, segment, variant, briefs }]
      }),
    }
  })
  const samples: SlotSample[] = []
  for (const reader of readers) {
    const written = await askSlots(deps.askModel, tenantId, voice, [reader], deps.clock.now())
    if (written.kind === 'unanswered') return { samples, stoppedBy: written.reason }
    const slots = written.texts[0] ?? []
    const texts = new Map(slots.flatMap(({ slot, text, findings }) => (findings.length === 0 ? [[slot, text]] : [])))
    const { text } = renderVariant(reader.variant, person, voice, { texts, isUnread: false })
    samples.push({ variant: reader.variant.name, slots, text })
  }
  return { samples, stoppedBy: null }
}
