export { type DutyDeps, type DutySpec, createDuties } from './duties.ts'
export { type JobDeps, createJobHandlers } from './job-handlers.ts'
export { type ListenerDeps, createListeners } from './listeners.ts'
export { createPaymentDuties } from './payment-duties.ts'
