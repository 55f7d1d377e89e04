import type { Locale } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'

import type { LintFinding } from './lint-finding.rules.ts'
import { type PersonalSlot, slotsIn } from './lint-slots.rules.ts'
import { lintTemplate } from './lint.rules.ts'
import { type RenderedMessage, renderVariant } from './rendering.rules.ts'
import { visibleLength } from './telegram-html.rules.ts'
import { type Template, findVariant } from './template.rules.ts'
import { getTemplate, readSenderName } from './template.store.ts'
import { NOBODY, listSamplePeople } from './sample-person.store.ts'

export interface TemplatePreview {
  readonly template: Template
  readonly findings: readonly LintFinding[]
  /** What a model may write, wording by wording; the samples show the fallbacks. */
  readonly slots: readonly (Pick<PersonalSlot, 'slot' | 'fallback'> & {
    readonly variant: string
    readonly locale: Locale
    /** Null: nobody said what to write, so nothing is. */
    readonly brief: string | null
  })[]
  readonly samples: readonly {
    /** Null for the invented person without any data, who shows the fallbacks. */
    readonly contactId: number | null
    readonly variant: string
    readonly locale: Locale
    readonly message: RenderedMessage
    /** Visible length in UTF-16 units. */
    readonly length: number
  }[]
}

export interface PreviewOptions {
  /** These people; without, the ones seen last. */
  readonly contactIds?: readonly number[]
  /** How many of the ones seen last, 0–20; 3 when not given. */
  readonly people?: number
  /** Linted as what is sent as advertising. */
  readonly isAdvert?: boolean
}

/**
 * What people would get: each arm rendered for each sample contact in their language, and for somebody of whom nothing
 * is known, together with the lint's findings. Reads only. Errors: `not_found`.
 */
export const previewTemplate = async (
  tx: TenantTx,
  id: number,
  options: PreviewOptions = {},
): Promise<TemplatePreview> => {
  const template = await getTemplate(tx, id)
  const { senderName, locale: tenantLocale } = await readSenderName(tx)
  const people = await listSamplePeople(tx, options.contactIds ?? null, Math.min(Math.max(0, options.people ?? 3), 20))
  const arms = [...new Set(template.variants.map((variant) => variant.name))]
  const samples = [...people, NOBODY].flatMap((person) =>
    arms.flatMap((arm) => {
      const variant = findVariant(template, arm, person.languageCode, tenantLocale)
      if (!variant) return []
      const message = renderVariant(variant, person, { senderName })
      const length = visibleLength(message.text)
      return [{ contactId: person.contactId, variant: arm, locale: variant.locale, message, length }]
    }),
  )
  const slots = template.variants.flatMap(({ name, locale, text }) =>
    slotsIn(text).map(({ slot, fallback }) => {
      return { variant: name, locale, slot, fallback, brief: template.slotBriefs[slot] ?? null }
    }),
  )
  const findings = lintTemplate(template, { senderName, isAdvert: options.isAdvert === true })
  return { template, findings, slots, samples }
}
