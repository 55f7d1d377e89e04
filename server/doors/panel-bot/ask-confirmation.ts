import { randomWord } from '#server/base/secret.ts'

import { encodeCall } from './callback-codec.ts'
import type { Reply } from './reply.ts'
import type { Talk } from './talk.ts'

const NONCE_LENGTH = 8

/** How long a question waits for its "yes". */
export const CONFIRM_WITHIN_MS = 5 * 60_000

/**
 * Asks before something is done: a screen with "yes" and "no" for an action of the registry. Only this question's own
 * "yes" does it, once, within five minutes. `back` is the action that "no" leads to.
 */
export const askConfirmation = (
  talk: Talk,
  ask: {
    readonly action: string
    readonly args?: readonly (string | number)[]
    readonly tenantId?: number
    /** HTML. */
    readonly question: string
    readonly back?: string
  },
): Reply => {
  const nonce = randomWord(NONCE_LENGTH)
  const tenantId = ask.tenantId ?? talk.tenant?.id ?? 0
  const call = encodeCall({ action: ask.action, tenantId, nonce, args: (ask.args ?? []).map(String) })
  return {
    text: ask.question,
    rows: [
      [
        { label: talk.t('button.confirm'), action: `!${call}` },
        { label: talk.t('button.keep'), action: ask.back ?? ask.action.split('.')[0] ?? '', tenantId },
      ],
    ],
    confirms: { call },
  }
}
