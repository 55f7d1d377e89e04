import type { CurrentSession } from '#server/modules/tenancy/index.ts'

import type { SessionCall } from './call.ts'

/** The session a call came with. Keys are turned away before. */
export const sessionOf = ({ caller }: SessionCall): CurrentSession => {
  if (caller.kind !== 'person') throw new Error('a key has no session')
  return caller.session
}
