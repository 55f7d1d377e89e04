import type { Locale } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import {
  type RenderedMessage,
  type Template,
  findVariant,
  fingerprint,
  fingerprintVariant,
  listTemplates,
  renderVariant,
} from '#server/modules/templates/index.ts'

import type { ClaimedRow, RecipientRow } from './guard.store.ts'

/** What would be sent, and what the guard compares it by. Null content means the template cannot give one. */
export interface ComposedContent {
  readonly content: RenderedMessage | null
  readonly contentHash: number | null
  readonly templateApproved: boolean
}

const NOTHING: ComposedContent = { content: null, contentHash: null, templateApproved: false }

interface StoredContent {
  readonly text: string
  readonly buttons?: RenderedMessage['buttons']
}

const isStoredContent = (value: unknown): value is StoredContent =>
  typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string'

const NOBODY = { firstName: '', lastName: '', username: null }

export interface Sender {
  readonly senderName: string
  readonly locale: Locale
}

/** The templates these deliveries name, by id; each is compiled once for the whole batch. */
export const loadTemplatesOf = async (
  tx: TenantTx,
  rows: readonly ClaimedRow[],
): Promise<ReadonlyMap<number, Template>> => {
  const ids = [...new Set(rows.flatMap((r) => (r.template_id === null ? [] : [r.template_id])))]
  if (ids.length === 0) return new Map()
  const templates = await listTemplates(tx, { ids })
  return new Map(templates.map((t) => [t.id, t]))
}

/** Renders one delivery for its recipient. Total: a missing template, arm or text gives no content, never a throw. */
export const composeContent = (
  row: ClaimedRow,
  template: Template | undefined,
  recipient: RecipientRow | undefined,
  sender: Sender,
): ComposedContent => {
  if (row.template_id === null) {
    if (!isStoredContent(row.content)) return NOTHING
    const { text, buttons = [] } = row.content
    return { content: { text, buttons }, contentHash: fingerprint(text), templateApproved: true }
  }
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
  return {
    content: renderVariant(variant, person, sender),
    contentHash: fingerprintVariant(variant),
    templateApproved: template.state === 'approved' && template.messageClass === row.message_class,
  }
}
