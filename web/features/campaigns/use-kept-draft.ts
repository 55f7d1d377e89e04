import { useEffect, useState } from 'react'

import { usePanelSession } from '../../api/session.tsx'
import { EMPTY_DRAFT, type WizardDraft } from './wizard-draft.ts'

/** What this window keeps of a wizard, or nothing; what an older version of the panel kept is filled up. */
const readKept = (key: string): WizardDraft | null => {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? 'null') as Partial<WizardDraft> | null
    return kept === null ? null : { ...EMPTY_DRAFT, ...kept }
  } catch {
    return null
  }
}

/** The place of a wizard in this window: one for each tenant and each campaign that is changed or taken as a pattern. */
export const useKeptPlace = (wizard: string): string => `gavatcore.wizard.${usePanelSession().tenant.id}.${wizard}`

/** A draft that a reload of the page does not lose, and how to forget it. `begin` says what it begins with. */
export const useKeptDraft = (place: string, begin: (kept: WizardDraft | null) => WizardDraft) => {
  const [draft, setDraft] = useState(() => begin(readKept(place)))
  useEffect(() => sessionStorage.setItem(place, JSON.stringify(draft)), [place, draft])
  const change = (part: Partial<WizardDraft>) => setDraft((before) => ({ ...before, ...part }))
  return { draft, change, forget: () => sessionStorage.removeItem(place) }
}
