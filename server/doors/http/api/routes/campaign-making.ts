import type { DripEvent, Segment } from '#contract/words.ts'
import { listAccounts } from '#server/modules/accounts/index.ts'
import { campaignsNeedApproval, createCampaign, updateCampaign } from '#server/modules/campaigns/index.ts'
import { listTags } from '#server/modules/contacts/index.ts'
import { forecastCampaign } from '#server/modules/delivery/index.ts'
import { listChats } from '#server/modules/groups/index.ts'
import { listOwnSegments } from '#server/modules/segments/index.ts'

import type { Handlers } from '../call.ts'
import { given } from '../given.ts'
import { oneWithCounts } from './campaign-counts.ts'
import { sampleTexts } from './sample-texts.ts'

/** More than anybody chooses from. */
const TAGS_MAX = 200
const CHATS_MAX = 500

interface GivenOutline {
  readonly audience: { readonly segments: readonly string[] }
  readonly steps: readonly { templateId: number; afterHours: number; stopOn?: DripEvent[] | undefined }[]
}

/** The module says which of the given words is no segment, and at which place. */
const outlineOf = <T extends GivenOutline>(body: T) => ({
  ...body,
  audience: { ...body.audience, segments: body.audience.segments as readonly Segment[] },
  steps: body.steps.map(({ stopOn, ...step }) => ({ ...step, ...given({ stopOn }) })),
})

/** How a campaign comes into being and is changed. */
export const campaignMaking: Pick<ReturnType<Handlers['campaigns']>, 'choices' | 'forecast' | 'create' | 'update'> = {
  choices: ({ inTenant }) =>
    inTenant(async (tx) => ({
      accounts: (await listAccounts(tx))
        .filter(({ purpose, state }) => purpose === 'contacts' && state !== 'disconnected')
        .map(({ id, displayName, kind, state }) => ({ id, name: displayName, kind, state })),
      tags: await listTags(tx, TAGS_MAX),
      chats: (await listChats(tx, {}, { limit: CHATS_MAX })).chats.map(({ id, title, kind }) => ({
        id,
        title,
        kind,
      })),
      own: (await listOwnSegments(tx)).map(({ id, name }) => ({ id, name })),
      needsApproval: await campaignsNeedApproval(tx),
    })),
  forecast: ({ inTenant, actor, at, body }) =>
    inTenant(async (tx) => {
      const { account, landing, sample, steps, holds } = await forecastCampaign(tx, outlineOf(body), at)
      return {
        steps,
        holds,
        lastAt: landing.lastAt,
        samples: sampleTexts(actor, sample?.samples ?? []),
        limits: { ...account, usedToday: account.usedToday.messages },
      }
    }),
  create: ({ inTenant, actor, body }) =>
    inTenant(async (tx) => oneWithCounts(tx, await createCampaign(tx, outlineOf(body), actor))),
  update: ({ inTenant, actor, params: { id }, body: { expectedVersion, ...body } }) =>
    inTenant(async (tx) => oneWithCounts(tx, await updateCampaign(tx, id, outlineOf(body), actor, expectedVersion))),
}
