import { sql } from 'kysely'

import type { TenantTx } from '#server/db/tenant-scope.ts'

/** Every table that holds something about one contact, the column that names the contact, and its order. */
const SOURCES = {
  contact: ['contact', 'id', 'id'],
  features: ['contact_feature', 'contact_id', 'contact_id'],
  accounts: ['contact_account', 'contact_id', 'account_id'],
  chats: ['contact_chat', 'contact_id', 'chat_id'],
  consents: ['contact_consent', 'contact_id', 'purpose'],
  consentLedger: ['consent_ledger', 'contact_id', 'id'],
  messages: ['message', 'contact_id', 'at'],
  events: ['contact_event', 'contact_id', 'at'],
  deliveries: ['delivery', 'contact_id', 'id'],
  segments: ['segment_assignment', 'contact_id', 'contact_id'],
  pinnedSegments: ['segment_pin', 'contact_id', 'segment'],
  segmentOpinions: ['segment_opinion', 'contact_id', 'segment'],
  opinionRounds: ['segment_opinion_round', 'contact_id', 'contact_id'],
  formerSegments: ['segment_history', 'contact_id', 'id'],
  firedRules: ['rule_fired', 'contact_id', 'id'],
  spamFindings: ['spam_finding', 'contact_id', 'at'],
  trustedIn: ['trusted_member', 'contact_id', 'chat_id'],
  joinRequests: ['join_request', 'contact_id', 'id'],
  groupActs: ['group_act', 'contact_id', 'id'],
  welcomes: ['welcomed_member', 'contact_id', 'chat_id'],
  groupPointer: ['group_pointer', 'contact_id', 'contact_id'],
  modelUses: ['model_use', 'contact_id', 'id'],
  offers: ['product_offer', 'contact_id', 'product'],
  funnelRuns: ['funnel_run', 'contact_id', 'id'],
  funnelSteps: ['funnel_step', 'contact_id', 'id'],
  orders: ['sales_order', 'contact_id', 'id'],
  payments: ['order_charge', 'contact_id', 'id'],
  refusedInvites: ['invite_refusal', 'contact_id', 'chat_id'],
  interests: ['contact_interest', 'contact_id', 'day'],
  proposedInvites: ['invite_proposal', 'contact_id', 'batch_id'],
  acceptedInvites: ['invite_answer', 'contact_id', 'yes_at'],
  inviteLinks: ['invite_link', 'contact_id', 'id'],
  invitedJoins: ['invite_join', 'contact_id', 'id'],
  referralCodes: ['referral_code', 'contact_id', 'code'],
  cameBy: ['referral', 'newcomer_id', 'newcomer_id'],
  brought: ['referral', 'referrer_id', 'started_at'],
  pointEntries: ['point_entry', 'contact_id', 'id'],
  points: ['point_balance', 'contact_id', 'contact_id'],
  drips: ['drip_position', 'contact_id', 'campaign_id'],
  postResponses: ['post_response', 'contact_id', 'at'],
  conversations: ['conversation', 'contact_id', 'id'],
  conversationEvents: ['conversation_event', 'contact_id', 'id'],
  answerTurns: ['answer_turn', 'contact_id', 'id'],
  drafts: ['reply_draft', 'contact_id', 'id'],
  writtenSlots: ['delivery_slot', 'contact_id', 'id'],
  ratings: ['conversation_rating', 'contact_id', 'id'],
  notes: ['contact_note', 'contact_id', 'id'],
  tasks: ['contact_task', 'contact_id', 'id'],
  stages: ['contact_stage', 'contact_id', 'id'],
} as const

export type ExportSection = keyof typeof SOURCES
export type ExportRow = Readonly<Record<string, unknown>>

/** All rows about one contact, by section; instants as ISO 8601, without the tenant's id. */
export const selectEverything = async (
  tx: TenantTx,
  contactId: number,
): Promise<Record<ExportSection, ExportRow[]>> => {
  const sections: Partial<Record<ExportSection, ExportRow[]>> = {}
  for (const [section, [table, key, order]] of Object.entries(SOURCES)) {
    const { rows } = await sql<{ row: ExportRow }>`
      select to_jsonb(t) - 'tenant_id' as row from ${sql.table(table)} t
      where tenant_id = ${tx.tenantId} and ${sql.ref(key)} = ${contactId} order by ${sql.ref(order)}`.execute(tx)
    sections[section as ExportSection] = rows.map((r) => r.row)
  }
  return sections as Record<ExportSection, ExportRow[]>
}
