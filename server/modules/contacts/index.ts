export { hourShares } from './contact-hours.rules.ts'
export type { Contact, ContactFilter } from './contact-list.store.ts'
export type { ActivityKind, ChatRef, ContactActivity, MessageKind, Person } from './contact.rules.ts'
export { ENGAGEMENT_HALF_LIFE_MS, ENGAGEMENT_SCALE, engagementScore } from './engagement.rules.ts'
export { eraseContact } from './erase-contact.ts'
export { type ContactExport, exportContact } from './export-contact.ts'
export { type ContactName, findContact, getContact } from './find-contact.ts'
export { findDuplicates } from './find-duplicates.ts'
export { type ContactProfile, getContactProfile } from './get-contact-profile.ts'
export { type CsvImportOptions, type CsvImportResult, importCsv } from './import/import-csv.ts'
export {
  type TelegramImportOptions,
  type TelegramImportResult,
  importTelegramExport,
} from './import/import-telegram-export.ts'
export type { ImportDeps, ImportProgress } from './import/import-deps.ts'
export { type ContactPage, listContacts } from './list-contacts.ts'
export { listTimeline } from './list-timeline.ts'
export { mergeContacts } from './merge-contacts.ts'
export { type OwnWords, eraseMessages, recordOwnWords, reviseMessage } from './record-conversation.ts'
export { recordConsent } from './record-consent.ts'
export { recordOptOut } from './record-opt-out.ts'
export { type MembershipInput, recordMembership } from './record-membership.ts'
/** @public For shops and payments that tell of orders. */
export { type OrderInput, recordOrder } from './record-order.ts'
export { recordReachability } from './record-reachability.ts'
/** @public For the contact screen. */
export { addTags, removeTags } from './tag-contacts.ts'
export { foldText, isStopWord } from './text.rules.ts'
export type { TimelineEntry } from './timeline.store.ts'
export { type TouchedContact, touchContact, touchContacts } from './touch-contact.ts'
