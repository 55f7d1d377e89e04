import {
  type Campaign,
  approveCampaign,
  campaignsNeedApproval,
  returnCampaign,
  setCampaignApproval,
  submitCampaign,
} from '#server/modules/campaigns/index.ts'
import { testSendCampaign } from '#server/modules/delivery/index.ts'

import { MEMBER_OPTION, actingMember } from '../acting-member.ts'
import { type AnyCommand, command } from '../command.ts'
import type { CliContext } from '../context.ts'
import { resolveCampaign } from './campaign-input.ts'

type Render = (context: CliContext, rows: readonly Campaign[]) => string

const change = (name: string, act: typeof submitCampaign, render: Render): AnyCommand =>
  command({
    name,
    args: [{ name: 'campaign' }],
    options: [MEMBER_OPTION],
    run: (context, input) =>
      context.change(async (tx) => {
        const { id } = await resolveCampaign(tx, input.arg('campaign'))
        return act(tx, id, await actingMember(tx, context, input))
      }),
    render: (context, campaign) => render(context, [campaign]),
  })

const approval = command({
  name: 'approval',
  options: [{ name: 'needed', value: 'yes|no' }, MEMBER_OPTION],
  run: async (context, input) => {
    const wanted = input.oneOf('needed', ['yes', 'no'])
    if (wanted === null) return { needsApproval: await context.read(campaignsNeedApproval) }
    return context.change(async (tx) => ({
      needsApproval: await setCampaignApproval(tx, wanted === 'yes', await actingMember(tx, context, input)),
    }))
  },
  render: ({ t }, { needsApproval }) => t(needsApproval ? 'campaigns.approvalNeeded' : 'campaigns.approvalFree'),
})

const test = command({
  name: 'test',
  args: [{ name: 'campaign' }],
  options: [
    { ...MEMBER_OPTION, required: true },
    { name: 'step', value: 'n' },
    { name: 'variant', value: 'name' },
  ],
  run: (context, input) =>
    context.change(async (tx) => {
      const { id } = await resolveCampaign(tx, input.arg('campaign'))
      const [step, variant] = [input.whole('step', 1, 20), input.text('variant')]
      const more = { ...(step !== null && { step: step - 1 }), ...(variant !== null && { variant }) }
      const actor = await actingMember(tx, context, input)
      return { deliveryId: await testSendCampaign(tx, { campaignId: id, ...more }, actor) }
    }),
  render: ({ t }, { deliveryId }) => t('campaigns.tested', { id: deliveryId }),
})

/** What happens to a campaign before it starts: tried, shown to somebody else, approved. */
export const campaignReview = (render: Render): readonly AnyCommand[] => [
  test,
  change('submit', submitCampaign, render),
  change('approve', approveCampaign, render),
  change('return', returnCampaign, render),
  approval,
]
