import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

export type AccountReplies = RouteOutput<typeof api.replies.get>
export type Replies = RouteOutput<typeof api.replies.list>
export type Settings = AccountReplies['settings']
