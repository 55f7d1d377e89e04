import type { TenantTx } from '#server/db/tenant-scope.ts'
import { listPostEnds } from '#server/modules/delivery/index.ts'
import { getChat } from '#server/modules/groups/index.ts'
import { getOwnTenant } from '#server/modules/tenancy/index.ts'
import { notFound } from '#server/base/errors.ts'

import type { GroupPost, PostRun } from './post.rules.ts'
import { lockPost, selectPosts, selectRuns } from './post.store.ts'
import { nextSlots } from './schedule.rules.ts'

/** A post with what comes and what was. */
export interface PostView extends GroupPost {
  /** The next five slots, while it is active; epoch ms. */
  readonly upcoming: readonly number[]
  /** The last ten, the newest first. */
  readonly runs: readonly PostRun[]
}

const SHOWN = 5
const RUNS_SHOWN = 10

/** Posts by schedule, of one chat where it is given, with their next five slots. Errors: `not_found`. */
export const listGroupPosts = async (
  tx: TenantTx,
  chatId: number | null,
  now: number,
): Promise<readonly PostView[]> => {
  const { timeZone } = await getOwnTenant(tx)
  const posts = await selectPosts(tx, chatId === null ? null : (await getChat(tx, chatId)).id)
  const views: PostView[] = []
  for (const post of posts) views.push(await view(tx, post, timeZone, now))
  return views
}

/** One post. Errors: `not_found`. */
export const getGroupPost = async (tx: TenantTx, postId: number, now: number): Promise<PostView> => {
  const post = await lockPost(tx, postId)
  if (!post) throw notFound('post', postId)
  const { timeZone } = await getOwnTenant(tx)
  return view(tx, post, timeZone, now)
}

const view = async (tx: TenantTx, post: GroupPost, timeZone: string, now: number): Promise<PostView> => {
  const runs = await selectRuns(tx, post.id, RUNS_SHOWN)
  const ends = new Map(
    (
      await listPostEnds(
        tx,
        runs.flatMap((run) => run.deliveryId ?? []),
      )
    ).map((end) => [end.deliveryId, end]),
  )
  return {
    ...post,
    upcoming: post.state === 'active' ? nextSlots({ ...post, timeZone }, now, SHOWN) : [],
    runs: runs.map(({ slotAt, deliveryId, reason, skipped }) => {
      const end = deliveryId === null ? undefined : ends.get(deliveryId)
      return { slotAt, deliveryId, state: end?.state ?? null, reason: end?.reason ?? reason, skipped }
    }),
  }
}
