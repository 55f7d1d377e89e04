export {
  approveCampaign,
  campaignsNeedApproval,
  returnCampaign,
  setCampaignApproval,
  submitCampaign,
} from './approve-campaign.ts'
export { auditCampaign } from './audit-campaign.ts'
export type {
  Campaign,
  CampaignAudience,
  CampaignGoal,
  CampaignInput,
  CampaignOutline,
  CampaignStep,
} from './campaign.rules.ts'
export { imagineCampaign, stopsOf } from './campaign.rules.ts'
export { settingsVersion } from './campaign-version.rules.ts'
export { getCampaign, listCampaigns, listRunningDrips, lockCampaign, saveGoalReached } from './campaign.store.ts'
export {
  cancelCampaign,
  completeCampaign,
  markCampaignPlanned,
  pauseCampaign,
  pauseFaultyCampaign,
  reopenCampaign,
  resumeCampaign,
  startCampaign,
} from './change-campaign-state.ts'
export { createCampaign, updateCampaign } from './create-campaign.ts'
