export type { Campaign, CampaignAudience, CampaignInput, CampaignStep } from './campaign.rules.ts'
export { getCampaign, listCampaigns, lockCampaign } from './campaign.store.ts'
export {
  cancelCampaign,
  completeCampaign,
  markCampaignPlanned,
  pauseCampaign,
  resumeCampaign,
  startCampaign,
} from './change-campaign-state.ts'
export { createCampaign, updateCampaign } from './create-campaign.ts'
