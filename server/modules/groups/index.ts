export { type GroupChat, OWN_STATUSES, type OwnStatus, rightsOf } from './group.rules.ts'
export { isChatAdministrator, recordChatMigration, recordOwnMembership } from './record-own-membership.ts'
