export {
  ACCOUNT_CHANNEL,
  type Account,
  type AccountHealth,
  UPDATE_MODES,
  type UpdateMode,
  checkBotToken,
} from './account.rules.ts'
export type { AccountsDeps, Actor } from './accounts-deps.ts'
export { type AddAccountInput, addAccount } from './add-account.ts'
export {
  disconnectAccount,
  noteAccountState,
  pauseAccount,
  recordAccountLost,
  resumeAccount,
  resumeAccountSending,
  stopAccountSending,
} from './change-account.ts'
export { configureUpdates, rotateWebhookSecret, setUpdateMode } from './configure-updates.ts'
export { getAccount, listAccounts } from './find-account.ts'
export { fitAccountsToPackage } from './fit-accounts.ts'
export { createUserSession, createUserSessionStore, getUserSession, removeUserSession } from './keep-user-sessions.ts'
export { type LinkManagedBotInput, linkManagedBot } from './link-managed-bot.ts'
export { findPanelAccount, linkPanelAccount } from './link-panel-account.ts'
export { openSendKey } from './open-tenant-key.ts'
export {
  type OpenAccount,
  type WebhookTarget,
  findTokenOwner,
  findWebhookTarget,
  openAccount,
  openActiveAccounts,
} from './open-account.ts'
export { type TokenRecovery, recoverToken } from './recover-token.ts'
export { rotateBotToken } from './rotate-bot-token.ts'
export {
  type InboxUpdate,
  type IncomingUpdate,
  type ParkedUpdate,
  UPDATE_CHANNEL,
  failUpdate,
  findNextUpdateId,
  findUnreadPeople,
  finishUpdates,
  listParkedUpdates,
  readWaiting,
  replayParkedUpdates,
  scrubUpdate,
  storeUpdates,
} from './update-inbox.store.ts'
export { cancelLogin, findLogin, resendCode, submitLoginCode, submitLoginPassword } from './continue-login.ts'
export { expireLogins } from './expire-logins.ts'
export { type OwnSession, endUserSession, listUserSessions } from './list-user-sessions.ts'
export { LINK_CONSENT_VERSION, LOGIN_LIMITS, type LoginView } from './login.rules.ts'
export type { LinkingPerson, LoginDeps } from './login-deps.ts'
export { showQrLogin } from './show-qr-login.ts'
export { type LoginConsent, startPhoneLogin, startQrLogin } from './start-login.ts'
