export { type AuditEntry, type AuditLine, listAudit, recordAudit } from './audit.store.ts'
export { createTenant } from './create-tenant.ts'
export { findTenant, getOwnTenant, listTenants } from './find-tenant.ts'
export {
  checkSwitchReason,
  findSendingStop,
  resumeAllSending,
  resumeTenantSending,
  stopAllSending,
  stopTenantSending,
} from './kill-switch.ts'
export { type NewTenant, type Tenant } from './tenant.rules.ts'
