import type { Search } from '../../lib/search.ts'
import { idIn, wordIn } from '../../lib/search.ts'
import { WIZARD_STEPS } from './wizard-draft.ts'

/**
 * Where in the wizard one is, which campaign is changed or taken as a pattern, the segment of the tenant's own that a new
 * one is for, and a message that was just written.
 */
export const wizardSearch = (search: Search) => ({
  step: wordIn(search, 'step', WIZARD_STEPS),
  edit: idIn(search, 'edit'),
  clone: idIn(search, 'clone'),
  own: idIn(search, 'own'),
  template: idIn(search, 'template'),
})

/** What of the wizard is kept under in this window. */
export const wizardKey = ({
  edit,
  clone,
  own,
}: Pick<ReturnType<typeof wizardSearch>, 'edit' | 'clone' | 'own'>): string => {
  if (edit !== undefined) return `edit-${edit}`
  if (clone !== undefined) return `clone-${clone}`
  return own === undefined ? 'new' : `own-${own}`
}
