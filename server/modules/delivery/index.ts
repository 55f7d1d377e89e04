export { parseCallbackData } from './delivery.rules.ts'
export {
  type DeliveryFilter,
  type DeliveryListRow,
  type DeliveryStatus,
  cancelAiReplies,
  cancelDeliveries,
  cancelForContact,
  deliveryStatus,
  listDeliveries,
} from './delivery.store.ts'
export { type AuditReport, auditGuard } from './guard/audit-guard.ts'
export { type NotSentExplanation, explainDelivery, explainNotSent } from './guard/explain-not-sent.ts'
export { findDripping, noteDripEvent } from './drip-position.store.ts'
export { type PostResponse, recordPostResponses } from './outcome/post-response.store.ts'
export { recordPurchase } from './outcome/record-purchase.ts'
export { evaluateHealth } from './outcome/evaluate-health.ts'
export { type AccountHealthReport, reportHealth, reviewHealth } from './outcome/review-health.ts'
export {
  type ContactResponse,
  findReached,
  recordOptOutOutcome,
  recordResponse,
  withdrawConversion,
} from './outcome/response.store.ts'
export { type DripReport, advanceDrips } from './plan/advance-drips.ts'
export { cancelCampaignDeliveries, completeFinishedCampaigns } from './plan/end-campaign.ts'
export { listTenantsWithCampaigns } from './plan/end-campaign.store.ts'
export { type QueueReport, cancelWaiting, listWaiting, reportQueue } from './plan/oversee-queue.ts'
export { foldCampaignFigures } from './plan/fold-campaign-figures.ts'
export { pinAnnouncements } from './plan/pin-posts.ts'
export { type CampaignCounts, countCampaigns } from './plan/campaign-counts.store.ts'
export { type CampaignPlanReport, planCampaign } from './plan/plan-campaign.ts'
export { type PlanReport, planDeliveries } from './plan/plan-deliveries.ts'
export {
  type CampaignForecast,
  type CampaignPreview,
  forecastCampaign,
  previewCampaign,
} from './plan/preview-campaign.ts'
export { EXPORT_FORMATS, exportRecipients, listRecipients } from './plan/list-recipients.ts'
export type { CampaignRecipient, RecipientFilter } from './plan/recipients.store.ts'
export { type CampaignReport, campaignReport } from './plan/report-campaign.ts'
export { takeWinner } from './plan/clone-winner.ts'
export { findWinner, hasContest } from './plan/winner.rules.ts'
export { type RetryReport, retryFailures } from './plan/retry-failures.ts'
export { testSendCampaign, testSendTemplate } from './send/test-send-campaign.ts'
export { type OwnerGreeting, greetOwner } from './send/greet-owner.ts'
export { type OutreachInput, createOutreach } from './send/outreach.store.ts'
export { type PostEnd, cancelPosts, createPost, listPostEnds, rewritePost } from './send/post.store.ts'
export { type ReplyInput, createReplies, createReply } from './send/reply.store.ts'
export { type SendingAccount, type SendingService, createSendingService } from './send/sending-service.ts'
export { quietUntil } from './quiet-hours.rules.ts'
export { applyPreset, seedStrategies } from './strategy/apply-preset.ts'
export { PRESET_NAMES } from './strategy/preset.rules.ts'
export { type StrategyChange, restoreStrategy, setStrategy } from './strategy/set-strategy.ts'
export type { Strategy } from './strategy/strategy.rules.ts'
export { listStrategies, listStrategyVersions } from './strategy/strategy.store.ts'
