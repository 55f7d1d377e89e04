import type { Search } from '../../lib/search.ts'
import { wordIn } from '../../lib/search.ts'
import { WIZARD_STEPS } from './wizard-draft.ts'

const idIn = (search: Search, name: string): number | undefined => {
  const id = Number(search[name])
  return Number.isSafeInteger(id) && id > 0 ? id : undefined
}

/** Where in the wizard one is, which campaign is changed or taken as a pattern, and a message that was just written. */
export const wizardSearch = (search: Search) => ({
  step: wordIn(search, 'step', WIZARD_STEPS),
  edit: idIn(search, 'edit'),
  clone: idIn(search, 'clone'),
  template: idIn(search, 'template'),
})

/** What of the wizard is kept under in this window. */
export const wizardKey = ({ edit, clone }: Pick<ReturnType<typeof wizardSearch>, 'edit' | 'clone'>): string => {
  if (edit !== undefined) return `edit-${edit}`
  return clone === undefined ? 'new' : `clone-${clone}`
}
