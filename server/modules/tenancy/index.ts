export { type Access, type Action, KEY_SCOPES, can, canGrant, maskContact, requireCan } from './access.rules.ts'
export { deleteCall as forgetCall, saveCallEnd as endCall } from './api-call.store.ts'
export type { ApiKey } from './api-key.rules.ts'
export { listApiKeys } from './api-key.store.ts'
export {
  type AuditEntry,
  type AuditFilter,
  type AuditLine,
  listAudit,
  recordAudit,
  searchAudit,
  hasAudit,
} from './audit.store.ts'
export { applyTenancy } from './apply-tenancy.ts'
export { type Brand, type Logo, checkAccent } from './brand.rules.ts'
export { findLogo, getBrand, setBrand, setLogo } from './change-brand.ts'
export { type AccentColours, accentColours } from './colour.rules.ts'
export { beginCall } from './begin-call.ts'
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
export type { TenantSettings } from './tenant-settings.rules.ts'
export { getTenantSettings, updateTenant } from './update-tenant.ts'
export { changeRole, findMember, listMembers, listMembersOf, listMemberships, removeMember } from './change-member.ts'
export { addOperator, findOperator, removeOperator } from './change-operator.ts'
export { authenticateApiKey, createApiKey, revokeApiKey } from './create-api-key.ts'
export { type GivenInvitation, acceptInvitation, addOwner, inviteMember } from './invite-member.ts'
export { listInvitations, revokeInvitation } from './revoke-invitation.ts'
export type { ActingPerson, Invitation, Member } from './member.rules.ts'
export { type Operator, listOperators } from './operator.store.ts'
export { requireAssignable } from './require-assignable.ts'
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
export { noteOperatorVisit } from './note-operator-visit.ts'
export { secondFactorContext } from './second-factor.rules.ts'
export {
  type FactorCall,
  confirmSecondFactor,
  enrolSecondFactor,
  passSecondFactor,
  removeSecondFactor,
  renewRecoveryCodes,
  resetSecondFactor,
  viewSecondFactor,
} from './second-factor.ts'
export type { CurrentSession, WebPerson, WebSession } from './web-session.rules.ts'
export { isMiniAppToken } from './mini-app-session.rules.ts'
export { type MiniAppSession, openMiniAppSession } from './open-mini-app-session.ts'
export {
  type NewSignInLink,
  createSignInLink,
  endWebSession,
  findWebSession,
  getSignInLink,
  listWebSessions,
  openWebSession,
  removeOldSignIns,
} from './open-web-session.ts'
export { type TelegramSignInDeps, beginTelegramSignIn, finishTelegramSignIn } from './telegram-sign-in.ts'
