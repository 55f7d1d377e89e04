import { createHash } from 'node:crypto'

import type { ConsentPurpose } from '#contract/words.ts'

/** Names the very text a consent was given to: its wording decides the version, so an edited text is a new one. */
export const consentTextVersion = (purpose: ConsentPurpose, text: string): string =>
  `${purpose}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`
