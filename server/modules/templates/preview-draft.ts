import type { Locale } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { type ActingPerson, maskContact } from '#server/modules/tenancy/index.ts'

import type { LintFinding } from './lint-finding.rules.ts'
import { lengthMaxOf, lintTemplate } from './lint.rules.ts'
import { type RenderedMessage, renderVariant } from './rendering.rules.ts'
import { NOBODY, listSamplePeople } from './sample-person.store.ts'
import { visibleLength } from './telegram-html.rules.ts'
import { checkTemplate } from './template-input.rules.ts'
import type { TemplateInput } from './template.rules.ts'
import { readSenderName } from './template.store.ts'

export interface DraftPreview {
  readonly findings: readonly LintFinding[]
  /** Whom the wordings are shown for; null for somebody of whom nothing is known. */
  readonly people: readonly { readonly contactId: number | null; readonly name: string }[]
  /** Each wording for each of them, whatever their language. */
  readonly samples: readonly {
    readonly contactId: number | null
    readonly variant: string
    readonly locale: Locale
    /** Its text is Telegram's HTML. */
    readonly message: RenderedMessage
    /** Visible length in UTF-16 units, as Telegram counts. */
    readonly length: number
    readonly lengthMax: number
  }[]
}

const PEOPLE = 3
/**
 * What people would get of a wording that nobody saved yet, with all that the lint finds. People whose names the person
 * may not see are not shown. Reads only. Errors: `invalid/…` naming the field.
 */
export const previewDraft = async (
  tx: TenantTx,
  input: Omit<TemplateInput, 'name'>,
  { access }: Pick<ActingPerson, 'access'>,
): Promise<DraftPreview> => {
  const content = checkTemplate({ ...input, name: '-' })
  const { senderName } = await readSenderName(tx)
  const known = await listSamplePeople(tx, null, PEOPLE)
  const people = [...known.filter((person) => maskContact(access, person).firstName !== null), NOBODY]
  const samples = people.flatMap((person) =>
    content.variants.map((variant) => {
      const message = renderVariant(variant, person, { senderName })
      return {
        contactId: person.contactId,
        variant: variant.name,
        locale: variant.locale,
        message,
        length: visibleLength(message.text),
        lengthMax: lengthMaxOf(variant),
      }
    }),
  )
  return {
    findings: lintTemplate(content, { senderName }),
    people: people.map(({ contactId, firstName, lastName }) => ({
      contactId,
      name: `${firstName} ${lastName}`.trim(),
    })),
    samples,
  }
}
