export { answerInvite } from './answer-invite.ts'
export { type InviteInput, createInvite } from './create-invite.ts'
export type { InviteAction, InviteLabels } from './invite.rules.ts'
export { type InviteRefusal, recordInviteRefusal } from './record-invite-refusal.ts'
