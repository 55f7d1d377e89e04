import type { TenantTx } from '#server/db/tenant-scope.ts'
import { listUsage } from '#server/modules/billing/index.ts'
import { getProtection } from '#server/modules/groups/index.ts'
import {
  createGroupPost,
  getPosting,
  listGroupPosts,
  pauseGroupPost,
  removeGroupPost,
  resumeGroupPost,
  setChatVoice,
} from '#server/modules/posts/index.ts'
import type { ActingPerson } from '#server/modules/tenancy/index.ts'

import type { Handlers, TenantCall } from '../call.ts'
import { given } from '../given.ts'

/** What of the package a post uses. */
const COUNTED_OF_POSTS: readonly string[] = ['messages_day', 'messages_month']

/** The pause between posts that is in force: the package's, or the tenant's own where that is longer. */
const pauseSecondsOf = async (tx: TenantTx): Promise<number> => {
  const { ofPackage, own } = (await getProtection(tx)).limits
  return Math.max(ofPackage.groupPostCooldownSeconds ?? 0, own.groupPostCooldownSeconds ?? 0)
}

const acting =
  (act: (tx: TenantTx, id: number, actor: ActingPerson) => Promise<unknown>) =>
  ({ inTenant, actor, params: { id } }: TenantCall & { readonly params: { readonly id: number } }) =>
    inTenant(async (tx) => {
      await act(tx, id, actor)
      return {}
    })

export const postRoutes: Handlers['posts'] = () => ({
  list: ({ inTenant, at, params: { id } }) =>
    inTenant(async (tx) => ({
      items: await listGroupPosts(tx, id, at),
      ...(await getPosting(tx, id)),
      pauseSeconds: await pauseSecondsOf(tx),
      usage: (await listUsage(tx, at)).filter(({ name }) => COUNTED_OF_POSTS.includes(name)),
    })),
  plan: ({ inTenant, actor, params, body: { startsOn, endsOn, ...post } }) =>
    inTenant(async (tx) => {
      const { id } = await createGroupPost(tx, { ...post, chatId: params.id, ...given({ startsOn, endsOn }) }, actor)
      return { id }
    }),
  turn: ({ inTenant, actor, params: { id }, body: { isOn, accountId } }) =>
    inTenant(async (tx) => {
      const change = { chatId: id, isPostingOn: isOn, ...given({ accountId }) }
      return { isOn: (await setChatVoice(tx, change, actor)).isPostingOn }
    }),
  pause: acting(pauseGroupPost),
  resume: acting(resumeGroupPost),
  cancel: acting(removeGroupPost),
})
