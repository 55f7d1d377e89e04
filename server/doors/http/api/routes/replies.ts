import {
  type AccountReplies,
  getReplies,
  intensityOf,
  listReplies,
  updateAccountSettings,
} from '#server/modules/conversations/index.ts'
import { viewModel } from '#server/modules/llm/index.ts'

import type { Handlers } from '../call.ts'
import { given } from '../given.ts'

/** Settings as the contract has them: places by their name, and what was chosen beside what holds. */
const shown = ({ sources, chosen, effective, limits, isChosen, ...rest }: AccountReplies) => {
  const settingOf = <K extends keyof typeof effective>(key: K) => ({
    value: effective[key],
    source: sources[key],
    chosen: isChosen ? chosen[key] : null,
  })
  return {
    ...rest,
    settings: {
      replyMode: settingOf('replyMode'),
      inviteRatio: settingOf('inviteRatio'),
      groupIntensity: {
        value: intensityOf(effective.groupPlacements),
        source: sources.groupPlacements,
        chosen: isChosen ? intensityOf(chosen.groupPlacements) : null,
      },
      productPriceMinor: settingOf('productPriceMinor'),
      productCurrency: settingOf('productCurrency'),
      draftLifeMinutes: settingOf('draftLifeMinutes'),
      holdingMessage: settingOf('holdingMessage'),
      confidenceMin: settingOf('confidenceMin'),
      sendsFollowUps: settingOf('sendsFollowUps'),
    },
    limits: {
      package: limits.package,
      inviteRatioMax: limits.inviteRatioMax,
      groupIntensityMax: intensityOf(limits.groupPlacementsMax),
    },
  }
}

export const replyRoutes: Handlers['replies'] = () => ({
  list: ({ inTenant, actor }) =>
    inTenant(async (tx) => ({
      items: (await listReplies(tx, actor.at)).map(shown),
      model: (await viewModel(tx, actor.access, actor.at)).mode,
    })),
  get: ({ inTenant, actor, params: { id } }) => inTenant(async (tx) => shown(await getReplies(tx, id, actor.at))),
  update: ({ inTenant, actor, params: { id }, body: { expectedVersion, ...change } }) =>
    inTenant(async (tx) => {
      await getReplies(tx, id, actor.at)
      await updateAccountSettings(tx, { accountId: id, change: given(change), expectedVersion }, actor)
      return shown(await getReplies(tx, id, actor.at))
    }),
})
