export { type Account, type AccountHealth, UPDATE_MODES, type UpdateMode, checkBotToken } from './account.rules.ts'
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
export {
  createUserSession,
  createUserSessionStore,
  getUserSession,
  removeUserSession,
} from './keep-user-sessions.ts'
export {
  type OpenAccount,
  type WebhookTarget,
  findTokenOwner,
  findWebhookTarget,
  openAccount,
  openActiveAccounts,
} from './open-account.ts'
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
  storeUpdates,
} from './update-inbox.store.ts'
