import type { Locale } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import {
  type Template,
  findVariant,
  fingerprint,
  fingerprintVariant,
  listTemplates,
  renderVariant,
} from '#server/modules/templates/index.ts'

import type { DeliveryContent } from '../delivery.rules.ts'
import type { ClaimedRow } from './claim.store.ts'
import type { RecipientRow } from './guard.store.ts'
import { type ApprovedSlots, findApprovedSlots } from './slot.store.ts'

/** What would be sent, and what the guard compares it by. Null content means the template cannot give one. */
export interface ComposedContent {
  readonly content: DeliveryContent | null
  readonly contentHash: number | null
  readonly templateApproved: boolean
}

const NOTHING: ComposedContent = { content: null, contentHash: null, templateApproved: false }

type StoredContent = Pick<DeliveryContent, 'text'> & Partial<DeliveryContent>

const isStoredContent = (value: unknown): value is StoredContent =>
  typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string'

const NOBODY = { firstName: '', lastName: '', username: null }

export interface Sender {
  readonly senderName: string
  readonly locale: Locale
}

/** What a batch of deliveries is worded with. */
export interface Wordings {
  /** By id; each is compiled once for the whole batch. */
  readonly templates: ReadonlyMap<number, Template>
  /** By delivery; nothing for one whose slots show their fallbacks. */
  readonly slots: ReadonlyMap<number, ApprovedSlots>
}

/** The templates these deliveries name, and what may stand in their slots. */
export const loadWordings = async (tx: TenantTx, rows: readonly ClaimedRow[]): Promise<Wordings> => {
  const templates = await loadTemplatesOf(tx, rows)
  const written = rows.filter(({ template_id: id }) => {
    const template = id === null ? undefined : templates.get(id)
    return template !== undefined && Object.keys(template.slotBriefs).length > 0
  })
  return {
    templates,
    slots: await findApprovedSlots(
      tx,
      written.map(({ id }) => id),
    ),
  }
}

const loadTemplatesOf = async (tx: TenantTx, rows: readonly ClaimedRow[]): Promise<ReadonlyMap<number, Template>> => {
  const ids = [...new Set(rows.flatMap((r) => (r.template_id === null ? [] : [r.template_id])))]
  if (ids.length === 0) return new Map()
  const templates = await listTemplates(tx, { ids })
  return new Map(templates.map((t) => [t.id, t]))
}

/**
 * Renders one delivery for its recipient; what was written for its slots stands there, as long as the wording is the one
 * it was written for. What it is compared by leaves the slots out, so that they cannot make a repeat look new. Total: a
 * missing template, arm or text gives no content, never a throw.
 */
export const composeContent = (
  row: ClaimedRow,
  { templates, slots }: Wordings,
  recipient: RecipientRow | undefined,
  sender: Sender,
): ComposedContent => {
  if (row.template_id === null) {
    if (!isStoredContent(row.content)) return NOTHING
    const { text, buttons = [], media, invoice } = row.content
    const more = { ...(media && { media }), ...(invoice && { invoice }) }
    return { content: { text, buttons, ...more }, contentHash: fingerprint(text), templateApproved: true }
  }
  const template = templates.get(row.template_id)
  if (!template) return NOTHING
  const variant = findVariant(template, row.variant ?? '', recipient?.language_code ?? null, sender.locale)
  if (!variant) return NOTHING
  const person = recipient
    ? {
        firstName: recipient.first_name,
        lastName: recipient.last_name,
        username: recipient.username,
        attributes: recipient.attributes,
      }
    : NOBODY
  const contentHash = fingerprintVariant(variant)
  const written = slots.get(row.id)
  return {
    content: renderVariant(variant, person, sender, written?.wordingHash === contentHash ? written : undefined),
    contentHash,
    templateApproved: template.state === 'approved' && template.messageClass === row.message_class,
  }
}
