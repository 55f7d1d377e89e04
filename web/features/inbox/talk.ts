import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

export type TalkPage = RouteOutput<typeof api.conversations.get>
export type TalkLine = TalkPage['conversation']
export type TalkEntry = TalkPage['entries'][number]
export type TalkDraft = NonNullable<TalkPage['draft']>

/** Their name, or their number for those who may not see it. */
export const nameOf = ({ contactId, firstName, lastName }: TalkLine): string =>
  [firstName, lastName].filter(Boolean).join(' ') || `#${contactId}`
