import { listTags } from '#server/modules/contacts/index.ts'
import {
  OWN_SEGMENTS_MAX,
  createOwnSegment,
  getOwnSegment,
  listFeatureChoices,
  listOwnSegments,
  previewOwnSegment,
  removeOwnSegment,
  updateOwnSegment,
} from '#server/modules/segments/index.ts'
import { can, maskContact } from '#server/modules/tenancy/index.ts'

import type { Handlers } from '../call.ts'

/** More than anybody chooses from. */
const TAGS_MAX = 200

export const ownSegmentRoutes: Handlers['ownSegments'] = () => ({
  list: ({ inTenant }) =>
    inTenant(async (tx) => ({
      items: await listOwnSegments(tx),
      max: OWN_SEGMENTS_MAX,
      features: listFeatureChoices(),
      tags: (await listTags(tx, TAGS_MAX)).map(({ tag }) => tag),
    })),
  get: ({ inTenant, params: { id } }) => inTenant((tx) => getOwnSegment(tx, id)),
  preview: ({ inTenant, actor, at, body: { conditions } }) =>
    inTenant(async (tx) => {
      const { count, sample } = await previewOwnSegment(tx, conditions, at)
      const mayLook = can(actor.access, 'contacts.view')
      return {
        count,
        sample: mayLook
          ? sample.map(({ id, username, firstName, lastName, lastSeenAt }) => ({
              id,
              lastSeenAt,
              ...maskContact<{ username: string | null; firstName: string | null; lastName: string | null }>(
                actor.access,
                { username, firstName, lastName },
              ),
            }))
          : null,
      }
    }),
  create: ({ inTenant, actor, body }) => inTenant((tx) => createOwnSegment(tx, body, actor)),
  update: ({ inTenant, actor, params: { id }, body }) => inTenant((tx) => updateOwnSegment(tx, id, body, actor)),
  remove: ({ inTenant, actor, params: { id } }) =>
    inTenant(async (tx) => {
      await removeOwnSegment(tx, id, actor)
      return {}
    }),
})
