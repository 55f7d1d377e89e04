export {
  type PanelPerson,
  type SeenPerson,
  findPanelPerson,
  recordPanelPerson,
  setAwaiting,
  setPanelBlocked,
  setPanelLocale,
  setPanelMuted,
} from './panel-person.store.ts'
export { addTicketMessage, answerTicket, assignTicket, closeTicket } from './answer-ticket.ts'
export {
  type TicketThread,
  type TicketViewer,
  getTicket,
  listTickets,
  noticeOverdueTickets,
  reportSupport,
} from './list-tickets.ts'
export { type NoticeKind, type NoticeParams } from './notice.rules.ts'
export { type NewTicketInput, openTicket } from './open-ticket.ts'
export { noticeMembers, noticeOperators, noticePerson } from './record-notices.ts'
export { type SupportTerms, type Ticket, type TicketMessage, isOverdue, supportTermsOf } from './ticket.rules.ts'
export type { SupportFigures, TicketFilter, TicketPage } from './ticket.store.ts'
export { type AnnouncementDraft, confirmAnnouncement, draftAnnouncement } from './announce.ts'
export {
  type NoticeEnd,
  type NoticeText,
  claimNotices,
  endOldNotices,
  findNoticeText,
  recordNoticeEnd,
  removeOldSupportTexts,
} from './claim-notices.ts'
export { type Fault, type FaultAlert, type FaultKind } from './fault.rules.ts'
export type { NoticeGroup } from './notice.store.ts'
export { listOpenFaults, noticeDatabaseBack, recordFaults } from './record-faults.ts'
export { type EvidenceDeps, openEvidence } from './open-evidence.ts'
export { listErrors, resolveFault } from './list-errors.ts'
export { grantCustomerDays, setCustomerState } from './change-customer.ts'
export type { Customer, CustomerPage, InstallationFigures, RecentFailures } from './customer.store.ts'
export { countParked, findCustomers, listCustomers, reportInstallation } from './list-customers.ts'
export { type SeenMember, type TenantReport, reportTenant } from './report-tenant.ts'
