export {
  ACCOUNT_CHANNEL,
  type Account,
  type AccountHealth,
  UPDATE_MODES,
  type UpdateMode,
  checkBotToken,
} from './account.rules.ts'
export type { AccountCheck, CheckCode, CheckFinding } from './account-check.rules.ts'
export { type AccountOwner, findAccountOwner } from './account-owner.store.ts'
export type { AccountsDeps, Actor } from './accounts-deps.ts'
export { type BusinessDeps, applyBusinessConnection } from './apply-business-connection.ts'
export { eraseStoredMessages, handOverUpdate, isConnectionWaiting } from './business-inbox.store.ts'
export { type BusinessConnection, type WaitingConnection, businessUpdateId } from './business.rules.ts'
export { findBusinessOwners, findWaitingQueues } from './business.store.ts'
export { endAccountsVia, resumeAccountsVia } from './follow-carrier.ts'
export {
  linkBusinessConnection,
  listWaitingConnections,
  linkRefusedBusinessAccounts,
} from './link-business-connection.ts'
export { type AddAccountInput, addAccount } from './add-account.ts'
export {
  disconnectAccount,
  noteAccountState,
  pauseAccount,
  resumeAccount,
  resumeAccountSending,
  stopAccountSending,
} from './change-account.ts'
export { checkAccount } from './check-account.ts'
export { type MiniAppDeps, enterMiniApp } from './enter-mini-app.ts'
export { configureUpdates, rotateWebhookSecret, setUpdateMode } from './configure-updates.ts'
export { type SpentSession, endSpentSession, listSpentSessions } from './end-session.ts'
export { getAccount, listAccountRoots, listAccounts } from './find-account.ts'
export { fitAccountsToPackage } from './fit-accounts.ts'
export { createUserSession, createUserSessionStore } from './keep-user-sessions.ts'
export { type LinkManagedBotInput, linkManagedBot } from './link-managed-bot.ts'
export { findPanelAccount, linkPanelAccount } from './link-panel-account.ts'
export { openSendKey, openTenantKey } from './open-tenant-key.ts'
export {
  type OpenAccount,
  type WebhookTarget,
  findTokenOwner,
  findWebhookTarget,
  openAccount,
  openBusinessAccount,
  openActiveAccounts,
} from './open-account.ts'
export { recordAccountLost } from './record-account-lost.ts'
export { recoverToken } from './recover-token.ts'
export { rotateBotToken } from './rotate-bot-token.ts'
export { type Restoration, collectCredentials, restoreCredentials } from './back-up-credentials.ts'
export { type TenantKeyRotation, rotateMasterKey, rotateTenantKey } from './rotate-keys.ts'
export {
  type IncomingUpdate,
  type KeyedUpdate,
  UPDATE_CHANNEL,
  findNextUpdateId,
  storeKeyedUpdates,
  storeUpdates,
} from './update-arrival.store.ts'
export {
  type InboxLook,
  type InboxUpdate,
  type ParkedUpdate,
  failUpdate,
  findUnreadPeople,
  finishUpdates,
  listAccountsWithUpdates,
  listParkedUpdates,
  readWaiting,
  replayParkedUpdates,
  scrubUpdate,
} from './update-inbox.store.ts'
export { cancelLogin, findLogin, resendCode, submitLoginCode, submitLoginPassword } from './continue-login.ts'
export { expireLogins } from './expire-logins.ts'
export { type OwnSession, endUserSession, listUserSessions } from './list-user-sessions.ts'
export { LINK_CONSENT_VERSION, type LoginView } from './login.rules.ts'
export type { LinkingPerson, LoginDeps } from './login-deps.ts'
export {
  callAnswerContext,
  endpointSecretContext,
  modelKeyContext,
  oldEndpointSecretContext,
} from './sealed-columns.store.ts'
export { showQrLogin } from './show-qr-login.ts'
export { type LoginConsent, startPhoneLogin, startQrLogin } from './start-login.ts'
