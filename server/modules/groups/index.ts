/** @public For the rooms above: invitations and group screens. */
export { findChat, getChat } from './find-chat.ts'
export { fitGroupsToPackage } from './fit-groups.ts'
export { type Chat, type ChatFilter, type GroupChat, type MemberAnswer, type MemberDirectory } from './group.rules.ts'
export { OWN_STATUSES, type OwnStatus, rightsOf } from './group.rules.ts'
/** @public For the rooms above: invitations and group screens. */
export { isChatMember } from './is-chat-member.ts'
/** @public For the rooms above: invitations and group screens. */
export { listChats } from './list-chats.ts'
/** @public For the rooms above: invitations and group screens. */
export { recordChat } from './record-chat.ts'
export { recordChatMigration } from './record-chat.ts'
export { isChatAdministrator, recordOwnMembership } from './record-own-membership.ts'
export { type GroupMessage, detectSpam, reportSpam } from './detect-spam.ts'
export {
  type ChatProtection,
  type Protection,
  type ProtectionChange,
  getChatProtection,
  getProtection,
  setChatProtection,
  setProtectionLevel,
} from './set-protection.ts'
export {
  OWN_LIMITS,
  type OwnLimits,
  SPAM_LEVELS,
  SPAM_PARAMETERS,
  type SpamLevel,
  type SpamParameters,
} from './spam-level.rules.ts'
export { type SpamPattern } from './spam-text.rules.ts'
export type { SpamCount } from './spam.store.ts'
