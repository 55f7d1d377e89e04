import type { AppError } from '#server/base/errors.ts'
import type { Translate } from '#server/base/translate.ts'

import { reasonText } from './reason-text.ts'

/** A refusal as a sentence: what was not found and why Telegram said no are put into the words other screens use. */
export const refusalText = (t: Translate, { code, params }: AppError): string => {
  const { reason, what } = params
  const thing = typeof what === 'string' ? t(`words:thing.${what}`) : null
  return t(`errors:${code}`, {
    ...params,
    ...(typeof reason === 'string' && { reason: reasonText(t, reason) }),
    // A word without a text comes back as its key.
    ...(thing !== null && !thing.startsWith('thing.') && !thing.startsWith('words:') && { what: thing }),
  })
}
