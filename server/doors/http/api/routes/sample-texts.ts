import type { TemplatePreview } from '#server/modules/templates/index.ts'
import { type ActingPerson, maskContact } from '#server/modules/tenancy/index.ts'

/** The samples as this person may read them: those of real people only for who may see their names. Telegram's HTML. */
export const sampleTexts = (
  { access }: Pick<ActingPerson, 'access'>,
  samples: TemplatePreview['samples'],
): readonly string[] => {
  const seesNames = maskContact<{ readonly firstName: string | null }>(access, { firstName: '' }).firstName !== null
  return samples.filter(({ contactId }) => contactId === null || seesNames).map(({ message }) => message.text)
}
