export { type WebhookDeps } from './call-endpoint.ts'
export {
  type EndpointDeps,
  type EndpointWithSecret,
  addEndpoint,
  changeEndpoint,
  findEndpoint,
  getEndpoint,
  removeEndpoint,
  rotateSecret,
} from './change-endpoints.ts'
export { deliverDue } from './deliver-due.ts'
export { listTenantsWithDue, selectDeliveries as listDeliveries } from './delivery.store.ts'
export { emitWanted } from './emit-wanted.store.ts'
export { listEndpoints } from './endpoint.store.ts'
export { getDeliveryDetail } from './list-deliveries.ts'
export { NEWS_TYPES } from './news.rules.ts'
export { replayDelivery, replayFailed } from './replay-deliveries.ts'
export { testEndpoint } from './test-endpoint.ts'
export { type WebhookAttempt, type WebhookDelivery, type WebhookEndpoint } from './webhook.rules.ts'
export { writeDeliveries } from './write-deliveries.ts'
