import {
  approveCampaign,
  campaignsNeedApproval,
  getCampaign,
  listCampaigns,
  pauseCampaign,
  resumeCampaign,
  returnCampaign,
  settingsVersion,
  startCampaign,
  submitCampaign,
} from '#server/modules/campaigns/index.ts'
import {
  campaignReport,
  cancelCampaignDeliveries,
  findWinner,
  hasContest,
  listRecipients,
  previewCampaign,
  takeWinner,
  testSendCampaign,
} from '#server/modules/delivery/index.ts'
import { findOwnSegments } from '#server/modules/segments/index.ts'
import { listTemplates } from '#server/modules/templates/index.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { ActingPerson } from '#server/modules/tenancy/index.ts'

import type { Handlers, TenantCall } from '../call.ts'
import { given } from '../given.ts'
import { createLiveCampaigns } from '../live-campaigns.ts'
import { oneWithCounts, withCounts } from './campaign-counts.ts'
import { campaignMaking } from './campaign-making.ts'
import { sampleTexts } from './sample-texts.ts'

/** What a use case does to the campaign of the call, and how it stands then. */
const acting =
  (act: (tx: TenantTx, id: number, actor: ActingPerson) => Promise<unknown>) =>
  ({ inTenant, actor, params: { id } }: TenantCall & { readonly params: { readonly id: number } }) =>
    inTenant(async (tx) => {
      await act(tx, id, actor)
      return oneWithCounts(tx, await getCampaign(tx, id))
    })

/** A full page is followed by another one, unless that is empty. */
const nextOf = (ids: readonly number[], limit: number): string | null =>
  ids.length < limit ? null : String(ids.at(-1))

export const campaignRoutes: Handlers['campaigns'] = (deps) => {
  const watch = createLiveCampaigns(deps.db)
  return {
    list: ({ inTenant, query: { cursor, limit, state } }) =>
      inTenant(async (tx) => {
        const page = { limit, ...(cursor !== undefined && { beforeId: Number(cursor) }), ...given({ state }) }
        const rows = await listCampaigns(tx, page)
        return {
          items: await withCounts(tx, rows),
          nextCursor: nextOf(
            rows.map(({ id }) => id),
            limit,
          ),
        }
      }),
    ...campaignMaking,
    get: ({ inTenant, params: { id } }) =>
      inTenant(async (tx) => {
        const campaign = await oneWithCounts(tx, await getCampaign(tx, id))
        const templates = await listTemplates(tx, { ids: campaign.steps.map(({ templateId }) => templateId) })
        const names = new Map(templates.map((template) => [template.id, template.name]))
        const own = new Map(
          (await findOwnSegments(tx, campaign.audience.own)).map((segment) => [segment.id, segment.name]),
        )
        return {
          ...campaign,
          audience: {
            ...campaign.audience,
            own: campaign.audience.own.map((id) => ({ id, name: own.get(id) ?? null })),
          },
          version: settingsVersion(campaign),
          steps: campaign.steps.map(({ templateId, ...step }) => ({
            ...step,
            templateId,
            template: names.get(templateId) ?? `#${templateId}`,
          })),
          needsApproval: await campaignsNeedApproval(tx),
        }
      }),
    report: ({ inTenant, params: { id }, at }) =>
      inTenant(async (tx) => {
        const { cost, ...report } = await campaignReport(tx, id, at)
        const contest = hasContest(report.byVariant) ? { winner: findWinner(report.byVariant)?.variant ?? null } : null
        return { ...report, contest, currency: cost.currency, costMinor: cost.totalMinor }
      }),
    takeWinner: ({ inTenant, actor, params: { id } }) =>
      inTenant(async (tx) => ({ templateId: (await takeWinner(tx, id, actor)).id })),
    async preview({ tenant, actor, params: { id } }) {
      const { landing, sample, ...preview } = await previewCampaign(deps, tenant.id, id)
      return { ...preview, lastAt: landing.lastAt, samples: sampleTexts(actor, sample.samples) }
    },
    recipients: ({ inTenant, actor, params: { id }, query: { cursor, limit, state, reason } }) =>
      inTenant(async (tx) => {
        const filter = { limit, ...(cursor !== undefined && { afterId: Number(cursor) }), ...given({ state, reason }) }
        const items = await listRecipients(tx, id, filter, actor)
        return {
          items,
          nextCursor: nextOf(
            items.map(({ deliveryId }) => deliveryId),
            limit,
          ),
        }
      }),
    live: ({ tenant, params: { id }, signal }) => watch(tenant.id, id, signal),
    start: acting(startCampaign),
    pause: acting(pauseCampaign),
    resume: acting(resumeCampaign),
    submit: acting(submitCampaign),
    approve: acting(approveCampaign),
    return: acting(returnCampaign),
    cancel: acting(cancelCampaignDeliveries),
    test: ({ inTenant, actor, params: { id }, body: { step } }) =>
      inTenant(async (tx) => ({
        deliveryId: await testSendCampaign(tx, { campaignId: id, ...given({ step }) }, actor),
      })),
  }
}
