import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

import type { WizardDraft } from './wizard-draft.ts'

/** What every step of the wizard gets. */
export interface WizardPartProps {
  readonly draft: WizardDraft
  readonly choices: RouteOutput<typeof api.campaigns.choices>
  /** Which wizard this is, for the way back: `new`, `edit-7`, `clone-7`, `own-7`. */
  readonly wizard: string
  /** What the server holds against a field; fields below it count. */
  readonly faultAt: (field: string) => string | undefined
  readonly onChange: (part: Partial<WizardDraft>) => void
}
