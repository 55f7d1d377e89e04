import type { DeliveryState } from '#contract/words.ts'
import { pauseCampaign, listCampaigns, resumeCampaign } from '#server/modules/campaigns/index.ts'
import { listDeliveries } from '#server/modules/delivery/index.ts'
import { getOwnTenant, resumeTenantSending, stopTenantSending } from '#server/modules/tenancy/index.ts'

import { renderDeliveries } from '../commands/deliveries.ts'
import { asOwner } from '../commands/members.ts'
import { ACTOR, type CliContext } from '../context.ts'
import { renderStatus } from '../present/status.ts'
import type { Choice } from '../prompter.ts'
import { readStatus } from '../read-status.ts'
import type { MenuContext, Screen } from './screen.ts'

const LISTED = ['planned', 'deferred', 'refused', 'unknown', 'sent'] as const satisfies readonly DeliveryState[]
const ROWS = 20

const listState = async ({ cli, show }: MenuContext, state: DeliveryState): Promise<void> =>
  show(renderDeliveries(cli, await cli.read((tx) => listDeliveries(tx, { state, limit: ROWS }))))

const stopSending = async ({ cli, prompter, show }: MenuContext): Promise<void> => {
  const reason = (await prompter.text(cli.t('crm.stopReason'), ''))?.trim()
  if (!reason) return
  await cli.change((tx) => stopTenantSending(tx, tx.tenantId, reason, { by: ACTOR, at: cli.now() }))
  show(cli.t('killSwitch.on.tenant'))
}

const resumeSending = async ({ cli, show }: MenuContext): Promise<void> => {
  await cli.change((tx) => resumeTenantSending(tx, tx.tenantId, { by: ACTOR, at: cli.now() }))
  show(cli.t('killSwitch.off.tenant'))
}

/** Pauses a campaign that runs, lets one that is paused go on. */
const switchCampaign = async ({ cli, prompter, show }: MenuContext): Promise<void> => {
  const campaigns = await cli.read(async (tx) => [
    ...(await listCampaigns(tx, { state: 'running' })),
    ...(await listCampaigns(tx, { state: 'paused' })),
  ])
  if (campaigns.length === 0) return show(cli.t('crm.noCampaign'))
  const id = await prompter.select(
    cli.t('column.campaign'),
    campaigns.map((campaign) => ({
      value: campaign.id,
      label: campaign.name,
      hint: cli.t(`words:campaignState.${campaign.state}`),
    })),
  )
  const chosen = campaigns.find((campaign) => campaign.id === id)
  if (!chosen) return
  const changed = await cli.change((tx) =>
    chosen.state === 'running'
      ? pauseCampaign(tx, chosen.id, asOwner(cli))
      : resumeCampaign(tx, chosen.id, asOwner(cli)),
  )
  show(`${changed.name}: ${cli.t(`words:campaignState.${changed.state}`)}`)
}

type Action = (typeof LISTED)[number] | 'stop' | 'resume' | 'campaign' | 'refresh' | 'back'

const choicesFor = ({ t }: CliContext, isStopped: boolean): readonly Choice<Action>[] => [
  { value: 'refresh', label: t('crm.refresh') },
  ...LISTED.map((state) => ({ value: state, label: t('crm.showState', { state: t(`words:deliveryState.${state}`) }) })),
  { value: 'campaign', label: t('crm.switchCampaign') },
  isStopped ? { value: 'resume', label: t('crm.resumeSending') } : { value: 'stop', label: t('crm.stopSending') },
  { value: 'back', label: t('crm.back') },
]

/** Screen 3: how deliveries stand, and what can be done about the queue. */
export const overseeQueue: Screen = async (menu) => {
  const { cli, prompter, show } = menu
  let isShown = false
  for (;;) {
    const { status, stopped } = await cli.read(async (tx) => ({
      status: await readStatus(tx),
      stopped: (await getOwnTenant(tx)).sendingStopped,
    }))
    if (!isShown)
      show(
        [
          renderStatus(cli, status),
          ...(stopped === null ? [] : [cli.t('crm.stoppedBecause', { reason: stopped })]),
        ].join('\n\n'),
      )
    isShown = true
    const action = await prompter.select<Action>(cli.t('crm.queue'), choicesFor(cli, stopped !== null))
    switch (action) {
      case null:
      case 'back':
        return
      case 'refresh':
        isShown = false
        break
      case 'stop':
        await stopSending(menu)
        break
      case 'resume':
        await resumeSending(menu)
        break
      case 'campaign':
        await switchCampaign(menu)
        break
      default:
        await listState(menu, action)
    }
  }
}
