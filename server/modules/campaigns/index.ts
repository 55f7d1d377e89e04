export {
  type Campaign,
  type CampaignAudience,
  type CampaignInput,
  type CampaignSettings,
  type CampaignStep,
} from './campaign.rules.ts'
export { type CampaignFilter, findCampaign, getCampaign, listCampaigns, lockCampaign } from './campaign.store.ts'
export {
  cancelCampaign,
  completeCampaign,
  markCampaignPlanned,
  pauseCampaign,
  resumeCampaign,
  startCampaign,
} from './change-campaign-state.ts'
export { createCampaign, updateCampaign } from './create-campaign.ts'
