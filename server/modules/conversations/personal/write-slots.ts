import type { ModelRefusal, SlotState } from '#contract/words.ts'
import { DAY_MS } from '#server/base/duration.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import { findSegments } from '#server/modules/segments/index.ts'
import { findVariant, fingerprintVariant, listTemplates } from '#server/modules/templates/index.ts'
import { getOwnTenant } from '#server/modules/tenancy/index.ts'

import type { AnswerDeps } from '../answering/answer-deps.ts'
import type { PromptVoice } from '../answering/reply-prompt.rules.ts'
import { findPersona } from '../persona.store.ts'
import { askSlots } from './ask-slots.ts'
import { type SlotReader, wantedSlots } from './slot.rules.ts'
import { findSlotReview, findUnwritten, saveSlots } from './slot.store.ts'

export type SlotDeps = Pick<AnswerDeps, 'db' | 'clock' | 'askModel'>

export interface SlotSummary {
  /** Messages that the model was asked about. */
  readonly asked: number
  /** Texts that wait for a member, that may leave, and that a check stopped. */
  readonly proposed: number
  readonly approved: number
  readonly failed: number
  /** Why the model was asked no further; null when everything due was written. */
  readonly stoppedBy: ModelRefusal | null
}

/** Written a day ahead, so that a member has the time to read. */
const AHEAD_MS = DAY_MS
/** A wording may have its slots in some languages only: so many deliveries are looked at, and so many written for. */
const LOOKED_AT_MAX = 1_000
const WRITTEN_MAX = 200
const PEOPLE_PER_QUESTION = 5

interface Wanted extends SlotReader {
  readonly deliveryId: number
  readonly accountId: number
  readonly wordingHash: number
}

interface OwnVoice {
  readonly voice: PromptVoice
  readonly personaVersion: number
}

const gather = async (tx: TenantTx, now: number) => {
  const rows = await findUnwritten(tx, { now, until: now + AHEAD_MS, limit: LOOKED_AT_MAX })
  if (rows.length === 0) return { wanted: [], voices: new Map<number, OwnVoice>() }
  const tenant = await getOwnTenant(tx)
  const templates = new Map(
    (await listTemplates(tx, { ids: [...new Set(rows.map((row) => row.template_id))], limit: 500 })).map((t) => [
      t.id,
      t,
    ]),
  )
  const candidates = rows.flatMap((row): Omit<Wanted, 'segment'>[] => {
    const template = templates.get(row.template_id)
    const variant = template && findVariant(template, row.variant ?? '', row.language_code, tenant.locale)
    if (!template || !variant || wantedSlots({ variant, briefs: template.slotBriefs }).length === 0) return []
    return [
      {
        deliveryId: row.id,
        accountId: row.account_id,
        contactId: row.contact_id,
        firstName: row.first_name,
        lastSeenAt: row.last_seen_at?.getTime() ?? null,
        variant,
        briefs: template.slotBriefs,
        wordingHash: fingerprintVariant(variant),
      },
    ]
  })
  const chosen = candidates.slice(0, WRITTEN_MAX)
  const held = await findSegments(
    tx,
    chosen.map(({ contactId }) => contactId),
  )
  const segments = new Map(held.map(({ contactId, primarySegment }) => [contactId, primarySegment]))
  const voices = new Map<number, OwnVoice>()
  for (const accountId of new Set(chosen.map((row) => row.accountId))) {
    const persona = await findPersona(tx, accountId)
    const voice = { persona, senderName: tenant.senderName, locale: tenant.locale, passages: [] }
    voices.set(accountId, { voice, personaVersion: persona?.version ?? 0 })
  }
  const wanted = chosen.map((row): Wanted => ({ ...row, segment: segments.get(row.contactId) ?? null }))
  return { wanted, voices }
}

/**
 * Has the tenant's model write the personal slots of what is due within a day, for contacts who agreed to it, in questions
 * about five people of one account; every text is checked and kept, never sent from here. Whatever the model does, a
 * delivery without an approved text leaves with its fallbacks. A run ends at the first refusal that is about the model and
 * not about a person; the next run goes on. Running twice at once writes nothing twice.
 */
export const writeSlots = async (deps: SlotDeps, tenantId: number): Promise<SlotSummary> => {
  const { wanted, voices } = await inTenant(deps.db, tenantId, (tx) => gather(tx, deps.clock.now()))
  const sum = { asked: 0, proposed: 0, approved: 0, failed: 0 }
  for (const [accountId, own] of Map.groupBy(wanted, (row) => row.accountId)) {
    const spoken = voices.get(accountId)
    if (!spoken) continue
    const { voice, personaVersion } = spoken
    for (let from = 0; from < own.length; from += PEOPLE_PER_QUESTION) {
      const batch = own.slice(from, from + PEOPLE_PER_QUESTION)
      const written = await askSlots(deps.askModel, tenantId, voice, batch, deps.clock.now())
      if (written.kind === 'unanswered') {
        // Somebody took it back a moment ago; the others are asked about in the next run.
        if (written.reason === 'no_consent') continue
        return { ...sum, stoppedBy: written.reason }
      }
      const states = await inTenant(deps.db, tenantId, async (tx) => {
        const review = await findSlotReview(tx)
        const { model, promptVersion } = written
        const ground = { personaVersion, model, promptVersion }
        const saved: SlotState[] = []
        for (const [at, { deliveryId, contactId, wordingHash }] of batch.entries()) {
          const row = { deliveryId, contactId, wordingHash, ...ground, slots: written.texts[at] ?? [] }
          saved.push(...(await saveSlots(tx, row, { review, at: deps.clock.now() })))
        }
        return saved
      })
      sum.asked += batch.length
      for (const state of states) if (state !== 'rejected') sum[state] += 1
    }
  }
  return { ...sum, stoppedBy: null }
}
