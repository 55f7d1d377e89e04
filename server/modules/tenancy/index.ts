export {
  type Access,
  type Action,
  type OperatorAction,
  type TenantAction,
  KEY_SCOPES,
  can,
  maskContact,
  requireCan,
} from './access.rules.ts'
export type { ApiKey } from './api-key.rules.ts'
export { listApiKeys } from './api-key.store.ts'
export { type AuditEntry, type AuditLine, listAudit, recordAudit } from './audit.store.ts'
export { applyTenancy } from './apply-tenancy.ts'
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
export { changeRole, findMember, listMembers, listMembersOf, listMemberships, removeMember } from './change-member.ts'
export { addOperator, findOperator, removeOperator } from './change-operator.ts'
export { authenticateApiKey, createApiKey, revokeApiKey } from './create-api-key.ts'
export { type GivenInvitation, acceptInvitation, addOwner, inviteMember } from './invite-member.ts'
export type { ActingPerson, Member } from './member.rules.ts'
export { type Operator, listOperators } from './operator.store.ts'
export { removeTenant } from './remove-tenant.ts'
export { setTenantState } from './set-tenant-state.ts'
export type { PageLink, PagePurpose, PageVisit } from './page-link.rules.ts'
export {
  type GivenPageLink,
  type NewPageLink,
  createPageLink,
  findPageVisit,
  getPageLink,
  openPageLink,
  removeOldPageLinks,
} from './open-page-link.ts'
