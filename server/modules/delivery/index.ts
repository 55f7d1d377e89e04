export { parseCallbackData } from './delivery.rules.ts'
export {
  type DeliveryFilter,
  type DeliveryListRow,
  type DeliveryStatus,
  cancelForContact,
  deliveryStatus,
  listDeliveries,
} from './delivery.store.ts'
export { type AuditReport, auditGuard } from './guard/audit-guard.ts'
export { type NotSentExplanation, explainNotSent } from './guard/explain-not-sent.ts'
export { recordPurchase } from './outcome/record-purchase.ts'
export { evaluateHealth } from './outcome/evaluate-health.ts'
export { type ContactResponse, findReached, recordOptOutOutcome, recordResponse } from './outcome/response.store.ts'
export { cancelCampaignDeliveries, completeFinishedCampaigns } from './plan/end-campaign.ts'
export { type CampaignPlanReport, planCampaign } from './plan/plan-campaign.ts'
export { type PlanReport, planDeliveries } from './plan/plan-deliveries.ts'
export { type CampaignPreview, previewCampaign } from './plan/preview-campaign.ts'
export { type CampaignReport, campaignReport } from './plan/report-campaign.store.ts'
export { type OwnerGreeting, greetOwner } from './send/greet-owner.ts'
export { type OutreachInput, createOutreach } from './send/outreach.store.ts'
export { type ReplyInput, createReply } from './send/reply.store.ts'
export { type SendingAccount, type SendingService, createSendingService } from './send/sending-service.ts'
export { applyPreset, seedStrategies } from './strategy/apply-preset.ts'
export { PRESET_NAMES } from './strategy/preset.rules.ts'
export { type StrategyChange, restoreStrategy, setStrategy } from './strategy/set-strategy.ts'
export type { Strategy } from './strategy/strategy.rules.ts'
export { listStrategies, listStrategyVersions } from './strategy/strategy.store.ts'
