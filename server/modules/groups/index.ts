export { findChatIds } from './chat.store.ts'
export { findChat, getChat } from './find-chat.ts'
export { fitGroupsToPackage } from './fit-groups.ts'
export { type Chat, type ChatFilter, type GroupChat, type MemberAnswer, type MemberDirectory } from './group.rules.ts'
export { OWN_STATUSES, type OwnStatus, rightsOf } from './group.rules.ts'
/** @public For the rooms above: invitations and group screens. */
export { type MembershipDeps, isChatMember } from './is-chat-member.ts'
/** @public For the rooms above: invitations and group screens. */
export { listChats } from './list-chats.ts'
/** @public For the rooms above: invitations and group screens. */
export { recordChat } from './record-chat.ts'
export { type PostTarget, listPostTargets, listUnpostable } from './post-target.store.ts'
export { recordChatMigration } from './record-chat.ts'
export { isChatAdministrator, recordOwnLoss, recordOwnMembership } from './record-own-membership.ts'
export { type GroupAct, type NewAct, listTenantsWithActs, wantActs } from './act.store.ts'
export {
  decideJoinRequest,
  getJoinRule,
  listJoinRequests,
  recordJoinRequest,
  setJoinRule,
} from './answer-join-request.ts'
export { listTenantsWithChats } from './chat-profile.store.ts'
export { type GroupMessage, detectSpam, reportSpam } from './detect-spam.ts'
export { type ChatProfile, getChatProfile } from './get-chat-profile.ts'
export { type JoinRequest, closeJoinRequests } from './join-request.store.ts'
export { JOIN_OTHERWISE, type JoinRule } from './join-rule.rules.ts'
export { type GroupDirectory, addListing, removeListing, searchDirectory } from './keep-directory.ts'
export { type GroupDeps, performGroupActs } from './perform-acts.ts'
export { type RefreshDeps, refreshChats } from './refresh-chats.ts'
export { type ChatModeration, getModeration, setModeration, setTrust } from './set-moderation.ts'
export { listGroupActs, removeHeld, undoAct } from './settle-act.ts'
export { spotOwnLinks } from './spot-own-links.ts'
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
  tightenedAt,
} from './spam-level.rules.ts'
export { type SpamPattern } from './spam-text.rules.ts'
export type { SpamCount } from './spam.store.ts'
