// Made by scripts/generate-schema.ts from migrations/; do not edit.
import type { ColumnType } from 'kysely'

type Generated<T> = T extends ColumnType<infer S, infer I, infer U> ? ColumnType<S, I | undefined, U> : ColumnType<T, T | undefined, T>
type GeneratedAlways<T> = T extends ColumnType<infer S, unknown, unknown> ? ColumnType<S, never, never> : ColumnType<T, never, never>
type Json = ColumnType<unknown, string, string>
type NullableJson = ColumnType<unknown, string | null, string | null>
type Timestamp = ColumnType<Date, Date | string, Date | string>
type NullableTimestamp = ColumnType<Date | null, Date | string | null, Date | string | null>

export interface AccountTable {
  tenant_id: number
  id: GeneratedAlways<number>
  kind: string
  state: Generated<string>
  state_reason: Generated<string | null>
  telegram_id: number
  display_name: string
  username: Generated<string | null>
  token_sealed: Generated<Buffer | null>
  api_root: Generated<string | null>
  update_mode: Generated<string>
  webhook_key: string
  webhook_secret_sealed: Buffer
  next_update_id: Generated<number>
  sending_stopped_at: Generated<NullableTimestamp>
  sending_stopped_reason: Generated<string | null>
  waiting_until: Generated<NullableTimestamp>
  health: Generated<string>
  health_reason: Generated<string | null>
  health_changed_at: Generated<NullableTimestamp>
  linked_at: Timestamp
  purpose: Generated<string>
  linked_by: Generated<string>
  owner_telegram_id: Generated<number | null>
  via_account_id: Generated<number | null>
  business_connection_id: Generated<string | null>
  business_rights: Generated<string[] | null>
  session_id: Generated<number | null>
  reads_all_messages: Generated<boolean | null>
  health_evidence: Generated<NullableJson>
  health_clean_since: Generated<NullableTimestamp>
  health_reviewed_at: Generated<NullableTimestamp>
  health_reviewed_by: Generated<string | null>
}

export interface AccountInboxSettingTable {
  tenant_id: number
  account_id: number
  ai_pause_minutes: number
  rating: string
  updated_by: string
  updated_at: Timestamp
}

export interface AccountLeaseTable {
  tenant_id: number
  account_id: number
  purpose: string
  holder: string
  fence: Generated<number>
  expires_at: Timestamp
}

export interface AccountSettingTable {
  tenant_id: number
  account_id: number
  version: number
  is_current: boolean
  reply_mode: string
  invite_ratio: number
  group_placements: number
  product_price_minor: number
  product_currency: string
  updated_by: string
  updated_at: Timestamp
  draft_life_minutes: Generated<number>
  holding_message: Generated<string | null>
  confidence_min: Generated<number>
  sends_follow_ups: Generated<boolean>
}

export interface ActivityChangeTable {
  tenant_id: number
  id: GeneratedAlways<number>
  starts_at: Timestamp
  sent: number
  answered: number
  joined: number
  stopped: number
  metered: Generated<number>
}

export interface ActivityQuarterTable {
  tenant_id: number
  starts_at: Timestamp
  sent: Generated<number>
  answered: Generated<number>
  joined: Generated<number>
  stopped: Generated<number>
  metered: Generated<number>
}

export interface AnnouncementTable {
  id: GeneratedAlways<number>
  for_tenant_id: Generated<number | null>
  text: Generated<string | null>
  created_by: number
  created_at: Timestamp
  confirmed_at: Generated<NullableTimestamp>
  recipients: Generated<number | null>
  reference: string
}

export interface AnswerTurnTable {
  tenant_id: number
  id: GeneratedAlways<number>
  conversation_id: number
  account_id: number
  contact_id: number
  kind: string
  follow_up_number: Generated<number>
  state: Generated<string>
  revision: Generated<number>
  opened_at: Timestamp
  asked_at: Timestamp
  due_at: Timestamp
  attempts: Generated<number>
  leased_until: Generated<NullableTimestamp>
  consent_asked_at: Generated<NullableTimestamp>
  finished_at: Generated<NullableTimestamp>
  outcome: Generated<string | null>
  answer_hash: Generated<number | null>
  confidence_ratio: Generated<number | null>
}

export interface ApiCallTable {
  tenant_id: number
  caller: string
  key: string
  fingerprint: Buffer
  state: string
  status: Generated<number | null>
  answer_sealed: Generated<Buffer | null>
  begun_at: Timestamp
  expires_at: Timestamp
}

export interface ApiKeyTable {
  tenant_id: number
  id: GeneratedAlways<number>
  name: string
  prefix: string
  secret_hash: Buffer
  scopes: string[]
  created_by: string
  created_at: Timestamp
  last_used_at: Generated<NullableTimestamp>
  revoked_at: Generated<NullableTimestamp>
}

export interface AttemptTable {
  tenant_id: number
  id: GeneratedAlways<number>
  delivery_id: number
  account_id: number
  number: number
  started_at: Timestamp
  finished_at: Generated<NullableTimestamp>
  result: Generated<string | null>
  failure: Generated<string | null>
  error_code: Generated<number | null>
  retry_after_ms: Generated<number | null>
  random_id: Generated<number | null>
}

export interface AuditLogTable {
  id: GeneratedAlways<number>
  tenant_id: Generated<number | null>
  actor: string
  action: string
  target: Generated<string | null>
  detail: Generated<Json>
  at: Timestamp
}

export interface AutomationRuleTable {
  tenant_id: number
  rule_id: Generated<number>
  account_id: number
  version: number
  is_current: boolean
  change_id: GeneratedAlways<number>
  state: string
  name: string
  priority: number
  content: Json
  changed_by: string
  changed_at: Timestamp
}

export interface BrandTable {
  tenant_id: number
  name: Generated<string | null>
  accent: Generated<string | null>
  logo: Generated<Buffer | null>
  logo_type: Generated<string | null>
  logo_hash: Generated<string | null>
  updated_by: string
  updated_at: Timestamp
}

export interface BusinessConnectionTable {
  via_account_id: number
  owner_telegram_id: number
  connection_id: string
  user_chat_id: number
  display_name: string
  username: Generated<string | null>
  rights: string[]
  is_enabled: boolean
  update_id: number
  changed_at: Timestamp
  unlinked_reason: Generated<string | null>
}

export interface CampaignTable {
  tenant_id: number
  id: GeneratedAlways<number>
  name: string
  kind: string
  state: Generated<string>
  account_id: number
  audience: Generated<Json>
  steps: Json
  starts_at: Generated<NullableTimestamp>
  ends_at: Generated<NullableTimestamp>
  holdout_ratio: Generated<number>
  planned_at: Generated<NullableTimestamp>
  started_at: Generated<NullableTimestamp>
  paused_at: Generated<NullableTimestamp>
  completed_at: Generated<NullableTimestamp>
  created_at: Timestamp
  goal_kind: Generated<string | null>
  goal_target: Generated<number | null>
  stops_at_goal: Generated<boolean>
  goal_reached_at: Generated<NullableTimestamp>
  pins: Generated<boolean>
  best_chats: Generated<number | null>
  chosen_chats: Generated<NullableJson>
  takes_late_joiners: Generated<boolean>
  edited_by: Generated<string[]>
  submitted_by: Generated<string | null>
  submitted_at: Generated<NullableTimestamp>
  approved_by: Generated<string | null>
  approved_at: Generated<NullableTimestamp>
  approved_version: Generated<string | null>
}

export interface CampaignFigureTable {
  tenant_id: number
  campaign_id: number
  campaign_step: number
  arm: string
  segment: string
  state: string
  reason: string
  is_holdout: boolean
  sent_quarter: Timestamp
  deliveries: Generated<number>
  clicked: Generated<number>
  responded: Generated<number>
  converted: Generated<number>
  opted_out: Generated<number>
  blocked: Generated<number>
}

export interface CampaignFigureChangeTable {
  tenant_id: number
  id: GeneratedAlways<number>
  campaign_id: number
  campaign_step: number
  arm: string
  segment: string
  state: string
  reason: string
  is_holdout: boolean
  sent_quarter: Timestamp
  deliveries: number
  clicked: number
  responded: number
  converted: number
  opted_out: number
  blocked: number
}

export interface CampaignPolicyTable {
  tenant_id: number
  needs_approval: Generated<boolean>
  changed_by: string
  changed_at: Timestamp
}

export interface ChatTable {
  tenant_id: number
  id: GeneratedAlways<number>
  telegram_id: number
  kind: string
  title: string
  username: Generated<string | null>
  migrated_to_id: Generated<number | null>
  member_count: Generated<number | null>
  added_at: Timestamp
  over_package_since: Generated<NullableTimestamp>
  administrator_count: Generated<number | null>
  profile_checked_at: Generated<NullableTimestamp>
  profile_fault: Generated<string | null>
}

export interface ChatAccountTable {
  tenant_id: number
  chat_id: number
  account_id: number
  status: string
  rights: Generated<Json>
  changed_at: Timestamp
  added_by: Generated<number | null>
  is_installed: Generated<boolean | null>
}

export interface ChatInterestTable {
  tenant_id: number
  chat_id: number
  interests: string[]
  updated_by: string
  updated_at: Timestamp
}

export interface ChatListingTable {
  tenant_id: number
  username: string
  note: string
  title: Generated<string | null>
  kind: Generated<string | null>
  added_by: string
  added_at: Timestamp
}

export interface ChatProtectionTable {
  tenant_id: number
  chat_id: number
  parameters: Json
  updated_by: string
  updated_at: Timestamp
}

export interface ChatVoiceTable {
  tenant_id: number
  chat_id: number
  account_id: number
  welcome_text: Generated<string | null>
  welcome_gather_seconds: Generated<number>
  welcome_replaces: Generated<boolean>
  last_welcome_id: Generated<number | null>
  rules_text: Generated<string | null>
  is_posting_on: Generated<boolean>
  updated_by: string
  updated_at: Timestamp
}

export interface ChatWaitTable {
  tenant_id: number
  account_id: number
  chat_id: number
  waiting_until: Timestamp
}

export interface ConsentLedgerTable {
  tenant_id: number
  id: GeneratedAlways<number>
  contact_id: number
  purpose: string
  granted: boolean
  text_version: string
  source: string
  account_id: Generated<number | null>
  evidence_update_id: Generated<number | null>
  at: Timestamp
  recorded_at: Timestamp
}

export interface ContactTable {
  tenant_id: number
  id: GeneratedAlways<number>
  telegram_id: Generated<number | null>
  username: Generated<string | null>
  first_name: Generated<string>
  last_name: Generated<string>
  username_key: GeneratedAlways<string | null>
  first_name_key: GeneratedAlways<string | null>
  last_name_key: GeneratedAlways<string | null>
  language_code: Generated<string | null>
  is_premium: Generated<boolean>
  is_bot: Generated<boolean>
  is_official: Generated<boolean>
  time_zone: Generated<string | null>
  tags: Generated<string[]>
  attributes: Generated<Json>
  source: Generated<string | null>
  suppressed_at: Generated<NullableTimestamp>
  suppressed_reason: Generated<string | null>
  merged_into_id: Generated<number | null>
  erased_at: Generated<NullableTimestamp>
  first_seen_at: Timestamp
  last_seen_at: Generated<NullableTimestamp>
  created_at: Timestamp
}

export interface ContactAccountTable {
  tenant_id: number
  contact_id: number
  account_id: number
  reachability: Generated<string>
  started_at: Generated<NullableTimestamp>
  start_payload: Generated<string | null>
  last_inbound_at: Generated<NullableTimestamp>
  changed_at: Timestamp
}

export interface ContactChatTable {
  tenant_id: number
  contact_id: number
  chat_id: number
  status: Generated<string>
  checked_at: Timestamp
  joined_at: Generated<NullableTimestamp>
  left_at: Generated<NullableTimestamp>
  last_active_at: Generated<NullableTimestamp>
  message_count: Generated<number>
}

export interface ContactConsentTable {
  tenant_id: number
  contact_id: number
  purpose: string
  granted: boolean
  ledger_id: number
  changed_at: Timestamp
}

export interface ContactEventTable {
  tenant_id: number
  id: GeneratedAlways<number>
  at: Timestamp
  contact_id: number
  kind: string
  detail: Generated<Json>
}

export interface ContactFeatureTable {
  tenant_id: number
  contact_id: number
  first_seen_at: Timestamp
  last_seen_at: Generated<NullableTimestamp>
  is_premium: Generated<boolean>
  inbound_count: Generated<number>
  outbound_count: Generated<number>
  response_count: Generated<number>
  click_count: Generated<number>
  reaction_count: Generated<number>
  order_count: Generated<number>
  revenue_minor: Generated<number>
  last_paid_at: Generated<NullableTimestamp>
  account_count: Generated<number>
  engagement_mass: Generated<number>
  engagement_at: Generated<NullableTimestamp>
  last_click_at: Generated<NullableTimestamp>
  member_since: Generated<NullableTimestamp>
  price_intent_at: Generated<Date[]>
  group_message_at: Generated<Date[]>
  chat_active_at: Generated<Date[]>
  hour_counts: Generated<number[]>
  weekday_counts: Generated<number[]>
}

export interface ContactInterestTable {
  tenant_id: number
  contact_id: number
  interest: string
  day: string
  count: number
}

export interface ContactInterestReadingTable {
  tenant_id: number
  contact_id: number
  version: number
  inbound_count: number
  read_at: Timestamp
}

export interface ContactNoteTable {
  tenant_id: number
  id: GeneratedAlways<number>
  contact_id: number
  text: string
  written_by: string
  at: Timestamp
}

export interface ContactStageTable {
  tenant_id: number
  id: GeneratedAlways<number>
  contact_id: number
  pipeline_id: number
  stage_id: number
  since: Timestamp
  until: Generated<NullableTimestamp>
  moved_by: string
}

export interface ContactTaskTable {
  tenant_id: number
  id: GeneratedAlways<number>
  contact_id: number
  title: string
  due_at: Generated<NullableTimestamp>
  assigned_to: Generated<number | null>
  created_by: string
  created_at: Timestamp
  done_at: Generated<NullableTimestamp>
  done_by: Generated<string | null>
  overdue_told_at: Generated<NullableTimestamp>
}

export interface ConversationTable {
  tenant_id: number
  id: GeneratedAlways<number>
  account_id: number
  contact_id: number
  state: Generated<string>
  assigned_to: Generated<number | null>
  opened_at: Timestamp
  last_inbound_at: Timestamp
  last_inbound_message_id: Generated<number | null>
  last_outbound_at: Generated<NullableTimestamp>
  answer_due_at: Generated<NullableTimestamp>
  snoozed_until: Generated<NullableTimestamp>
  closed_at: Generated<NullableTimestamp>
  ai_paused_until: Generated<NullableTimestamp>
  ai_paused_reason: Generated<string | null>
  handed_over_at: Generated<NullableTimestamp>
  hand_over_reason: Generated<string | null>
  ai_disclosed_at: Generated<NullableTimestamp>
  turn: Generated<number>
  opened_turn: Generated<number>
  last_turn_by: Generated<string>
  unread_count: Generated<number>
  closes_at: Generated<NullableTimestamp>
  pending_delivery_id: Generated<number | null>
  overdue_told_at: Generated<NullableTimestamp>
}

export interface ConversationEventTable {
  tenant_id: number
  id: GeneratedAlways<number>
  conversation_id: number
  contact_id: number
  at: Timestamp
  kind: string
  by: string
  detail: Generated<Json>
  text: Generated<string | null>
}

export interface ConversationRatingTable {
  tenant_id: number
  id: GeneratedAlways<number>
  contact_id: Generated<number | null>
  conversation_id: Generated<number | null>
  account_id: number
  delivery_id: number
  scale: string
  asked_at: Timestamp
  member_id: Generated<number | null>
  answered_by: string
  value: Generated<number | null>
  rated_at: Generated<NullableTimestamp>
  comment: Generated<string | null>
  comment_until: Generated<NullableTimestamp>
}

export interface DeliveryTable {
  tenant_id: number
  id: GeneratedAlways<number>
  account_id: number
  contact_id: Generated<number | null>
  chat_id: number
  source: string
  message_class: string
  campaign_id: Generated<number | null>
  campaign_step: Generated<number>
  template_id: Generated<number | null>
  variant: Generated<string | null>
  content: Generated<NullableJson>
  segment: Generated<string | null>
  strategy_version: Generated<number | null>
  strategy_cooldown_hours: Generated<number | null>
  strategy_max_per_day: Generated<number | null>
  arm: Generated<string>
  propensity: Generated<number>
  is_holdout: Generated<boolean>
  expected_response_ratio: Generated<number | null>
  is_outreach: boolean
  is_human: Generated<boolean>
  state: Generated<string>
  reason: Generated<string | null>
  priority: Generated<number>
  due_at: Timestamp
  expires_at: Generated<NullableTimestamp>
  dedupe_key: string
  content_hash: Generated<number | null>
  invite_chat_id: Generated<number | null>
  planned_at: Timestamp
  reserved_at: Generated<NullableTimestamp>
  finished_at: Generated<NullableTimestamp>
  attempt_count: Generated<number>
  telegram_message_id: Generated<number | null>
  responded_at: Generated<NullableTimestamp>
  clicked_at: Generated<NullableTimestamp>
  converted_at: Generated<NullableTimestamp>
  opted_out_at: Generated<NullableTimestamp>
  blocked_at: Generated<NullableTimestamp>
  is_ai: Generated<boolean>
  written_by: Generated<string | null>
}

export interface DeliverySlotTable {
  tenant_id: number
  id: GeneratedAlways<number>
  delivery_id: number
  contact_id: number
  slot: string
  state: string
  text: Generated<string | null>
  findings: Json
  wording_hash: number
  persona_version: number
  model: string
  prompt_version: number
  created_at: Timestamp
  decided_at: Generated<NullableTimestamp>
  decided_by: Generated<string | null>
}

export interface DomainEventTable {
  id: GeneratedAlways<number>
  xid: Generated<string>
  tenant_id: number
  type: string
  payload: Json
  at: Timestamp
}

export interface DripPositionTable {
  tenant_id: number
  campaign_id: number
  contact_id: number
  step: Generated<number>
  state: Generated<string>
  reason: Generated<string | null>
  happened: Generated<string[]>
  entered_at: Timestamp
  check_at: Timestamp
  changed_at: Timestamp
}

export interface EventCursorTable {
  listener: string
  xid: Generated<string>
  event_id: Generated<number>
}

export interface EventRetryTable {
  listener: string
  event_id: number
  attempts: number
  next_at: Timestamp
  parked_at: Generated<NullableTimestamp>
  error: string
}

export interface FaultAlertTable {
  cause: string
  episode: Generated<number>
  opened_at: Timestamp
  last_seen_at: Timestamp
  told_at: Timestamp
  closed_at: Generated<NullableTimestamp>
  params: Generated<Json>
  first_seen_at: Timestamp
  seen_count: Generated<number>
  resolved_at: Generated<NullableTimestamp>
  resolved_by: Generated<string | null>
  resolution_note: Generated<string | null>
}

export interface FaultDayTable {
  cause: string
  seen_on: string
  seen_count: number
}

export interface FunnelRunTable {
  tenant_id: number
  id: GeneratedAlways<number>
  account_id: number
  contact_id: Generated<number | null>
  funnel: string
  version: number
  stage: string
  since_at: Timestamp
  why: string
  has_intent: Generated<boolean>
  product: Generated<string | null>
  reminders: Generated<number>
  last_inbound_at: Generated<NullableTimestamp>
  wake_at: Generated<NullableTimestamp>
  started_at: Timestamp
  ended_at: Generated<NullableTimestamp>
}

export interface FunnelStepTable {
  tenant_id: number
  id: GeneratedAlways<number>
  run_id: number
  contact_id: Generated<number | null>
  from_stage: Generated<string | null>
  to_stage: string
  kind: string
  why: string
  at: Timestamp
}

export interface FunnelVersionTable {
  tenant_id: number
  name: string
  version: number
  is_current: boolean
  definition: Json
  updated_by: string
  updated_at: Timestamp
}

export interface GroupActTable {
  tenant_id: number
  id: GeneratedAlways<number>
  chat_id: number
  account_id: number
  contact_id: Generated<number | null>
  kind: string
  dedupe_key: string
  pattern: Generated<string | null>
  message_ids: Generated<number[]>
  until_at: Generated<NullableTimestamp>
  request_id: Generated<number | null>
  state: Generated<string>
  reason: Generated<string | null>
  wanted_by: string
  wanted_at: Timestamp
  next_at: Timestamp
  attempt_count: Generated<number>
  finished_at: Generated<NullableTimestamp>
  settled_by: Generated<string | null>
  settled_at: Generated<NullableTimestamp>
}

export interface GroupPointerTable {
  tenant_id: number
  contact_id: number
  pointed_at: Timestamp
}

export interface GroupPostTable {
  tenant_id: number
  id: GeneratedAlways<number>
  chat_id: number
  account_id: number
  name: string
  template_id: Generated<number | null>
  text: Generated<string | null>
  schedule: Json
  starts_on: string
  ends_on: Generated<string | null>
  anchor_at: Timestamp
  pins: boolean
  state: Generated<string>
  pause_reason: Generated<string | null>
  next_slot_at: Generated<NullableTimestamp>
  created_by: string
  created_at: Timestamp
}

export interface GroupPostRunTable {
  tenant_id: number
  post_id: number
  slot_at: Timestamp
  delivery_id: Generated<number | null>
  reason: Generated<string | null>
  skipped: Generated<number>
  at: Timestamp
  is_settled: Generated<boolean>
}

export interface InboxSettingTable {
  tenant_id: number
  answer_within_minutes: number
  close_after_days: Generated<number | null>
  updated_by: string
  updated_at: Timestamp
}

export interface InstallationTable {
  singleton: Generated<boolean>
  sending_stopped_at: Generated<NullableTimestamp>
  sending_stopped_reason: Generated<string | null>
  tenancy: Generated<string>
}

export interface InterestSetTable {
  tenant_id: number
  version: number
  is_current: boolean
  groups: Json
  updated_by: string
  updated_at: Timestamp
}

export interface InvitationTable {
  tenant_id: number
  id: GeneratedAlways<number>
  token_hash: Buffer
  role: string
  invited_by: string
  created_at: Timestamp
  expires_at: Timestamp
  accepted_at: Generated<NullableTimestamp>
  accepted_by: Generated<number | null>
  revoked_at: Generated<NullableTimestamp>
}

export interface InviteAnswerTable {
  tenant_id: number
  delivery_id: number
  contact_id: number
  chat_id: number
  yes_at: Timestamp
}

export interface InviteBatchTable {
  tenant_id: number
  id: GeneratedAlways<number>
  state: Generated<string>
  proposed_at: Timestamp
  decided_by: Generated<string | null>
  decided_at: Generated<NullableTimestamp>
}

export interface InviteJoinTable {
  tenant_id: number
  id: GeneratedAlways<number>
  chat_id: number
  contact_id: number
  link_id: Generated<number | null>
  delivery_id: Generated<number | null>
  requested_at: Generated<NullableTimestamp>
  approved_at: Generated<NullableTimestamp>
  joined_at: Generated<NullableTimestamp>
  left_at: Generated<NullableTimestamp>
}

export interface InviteLinkTable {
  tenant_id: number
  id: GeneratedAlways<number>
  name: GeneratedAlways<string>
  chat_id: number
  maker_account_id: number
  giver_account_id: Generated<number | null>
  delivery_id: Generated<number | null>
  contact_id: Generated<number | null>
  campaign_id: Generated<number | null>
  admission: string
  life_days: number
  state: Generated<string>
  reason: Generated<string | null>
  url: Generated<string | null>
  held_until: Generated<NullableTimestamp>
  hold_number: Generated<number>
  attempt_count: Generated<number>
  wanted_at: Timestamp
  made_at: Generated<NullableTimestamp>
  expires_at: Generated<NullableTimestamp>
  ended_at: Generated<NullableTimestamp>
  created_by: string
}

export interface InviteProposalTable {
  tenant_id: number
  batch_id: number
  contact_id: number
  chat_id: number
  account_id: number
  score: number
  reasons: Json
  engagement: number
  state: Generated<string>
  skip_reason: Generated<string | null>
  delivery_id: Generated<number | null>
}

export interface InviteRefusalTable {
  tenant_id: number
  contact_id: number
  chat_id: number
  refused_at: Timestamp
}

export interface InviteSettingTable {
  tenant_id: number
  propose_every_hours: number
  daily_max: number
  is_auto: boolean
  admission: string
  link_life_days: number
  template_id: Generated<number | null>
  updated_by: string
  updated_at: Timestamp
}

export interface JoinRequestTable {
  tenant_id: number
  id: GeneratedAlways<number>
  chat_id: number
  contact_id: number
  account_id: number
  is_via_own_link: boolean
  requested_at: Timestamp
  state: Generated<string>
  reason: string
  decided_by: Generated<string | null>
  decided_at: Generated<NullableTimestamp>
}

export interface JoinSettingTable {
  tenant_id: number
  chat_id: number
  admit: string
  otherwise: string
  updated_by: string
  updated_at: Timestamp
}

export interface KnowledgeFileTable {
  tenant_id: number
  id: GeneratedAlways<number>
  account_id: number
  name: string
  version: number
  is_current: boolean
  kind: string
  language: string
  content: string
  byte_count: number
  added_by: string
  added_at: Timestamp
}

export interface KnowledgePassageTable {
  tenant_id: number
  file_id: number
  number: number
  heading: string
  text: string
  words: string
}

export interface LedgerEntryTable {
  tenant_id: number
  id: GeneratedAlways<number>
  payment_id: number
  posting: string
  account: string
  amount_minor: number
  currency: string
  at: Timestamp
}

export interface LinkSightingTable {
  tenant_id: number
  chat_id: number
  username: string
  count: number
  first_at: Timestamp
  last_at: Timestamp
}

export interface LoginAttemptTable {
  tenant_id: number
  id: GeneratedAlways<number>
  telegram_id: number
  kind: string
  state: string
  ended_why: Generated<string | null>
  session_id: Generated<number | null>
  account_id: Generated<number | null>
  consent_version: string
  phone_masked: Generated<string | null>
  phone_sealed: Generated<Buffer | null>
  phone_bucket: Generated<number | null>
  codes_sent: Generated<number>
  code_hash_sealed: Generated<Buffer | null>
  code_length: Generated<number | null>
  code_via: Generated<string | null>
  wrong_codes: Generated<number>
  wrong_passwords: Generated<number>
  hint_sealed: Generated<Buffer | null>
  qr_url_sealed: Generated<Buffer | null>
  qr_expires_at: Generated<NullableTimestamp>
  busy_until: Generated<NullableTimestamp>
  created_at: Timestamp
  expires_at: Timestamp
  ended_at: Generated<NullableTimestamp>
}

export interface MemberTable {
  tenant_id: number
  id: GeneratedAlways<number>
  telegram_id: number
  role: string
  name: string
  invited_by: string
  joined_at: Timestamp
  removed_at: Generated<NullableTimestamp>
}

export interface MessageTable {
  tenant_id: number
  id: GeneratedAlways<number>
  at: Timestamp
  contact_id: Generated<number | null>
  account_id: Generated<number | null>
  chat_id: number
  direction: string
  kind: Generated<string>
  telegram_message_id: Generated<number | null>
  delivery_id: Generated<number | null>
  text: Generated<string | null>
}

export interface ModelAnswerTable {
  tenant_id: number
  key: Buffer
  contact_ids: number[]
  value: Json
  created_at: Timestamp
  expires_at: Timestamp
}

export interface ModelMeterTable {
  tenant_id: number
  month: string
  tokens_taken: Generated<number>
  minute_at: Timestamp
  minute_count: Generated<number>
  failure_count: Generated<number>
  failing_since: Generated<NullableTimestamp>
  resting_until: Generated<NullableTimestamp>
  resting_reason: Generated<string | null>
  probe_until: Generated<NullableTimestamp>
}

export interface ModelSettingTable {
  tenant_id: number
  mode: string
  base_url: Generated<string | null>
  api_key_sealed: Generated<Buffer | null>
  model: Generated<string | null>
  tokens_per_month: number
  per_minute_max: number
  version: Generated<number>
  changed_by: string
  changed_at: Timestamp
}

export interface ModelUseTable {
  tenant_id: number
  id: GeneratedAlways<number>
  at: Timestamp
  purpose: string
  prompt: string
  prompt_version: number
  model: string
  is_own: boolean
  outcome: string
  format: Generated<string | null>
  input_tokens: Generated<number>
  output_tokens: Generated<number>
  latency_ms: Generated<number>
  contact_id: Generated<number | null>
}

export interface ModerationSettingTable {
  tenant_id: number
  chat_id: number
  action: string
  restrict_minutes: number
  after_findings: number
  updated_by: string
  updated_at: Timestamp
}

export interface OnboardingTable {
  id: GeneratedAlways<number>
  telegram_id: number
  name: Generated<string | null>
  locale: string
  surface: string
  variant: Generated<string>
  state: string
  package: Generated<string | null>
  extra_bots: Generated<number>
  tenant_id: Generated<number | null>
  payment_id: Generated<number | null>
  refused_payment_id: Generated<number | null>
  account_id: Generated<number | null>
  link_way: Generated<string | null>
  is_paid: Generated<boolean>
  trial_started_at: Generated<NullableTimestamp>
  ways_tried: Generated<number>
  claims_made: Generated<number>
  links_failed: Generated<number>
  started_at: Timestamp
  step_entered_at: Timestamp
  expires_at: Generated<NullableTimestamp>
  ended_at: Generated<NullableTimestamp>
  end_reason: Generated<string | null>
  cleared_at: Generated<NullableTimestamp>
}

export interface OnboardingEventTable {
  onboarding_id: number
  position: number
  name: string
  at: Timestamp
}

export interface OnboardingStepTable {
  id: GeneratedAlways<number>
  onboarding_id: number
  from_state: Generated<string | null>
  to_state: string
  cause: string
  surface: Generated<string | null>
  at: Timestamp
}

export interface OperatorTable {
  telegram_id: number
  role: string
  name: string
  added_at: Timestamp
  removed_at: Generated<NullableTimestamp>
}

export interface OperatorVisitTable {
  session_id: number
  tenant_id: number
  last_at: Timestamp
}

export interface OrderChargeTable {
  tenant_id: number
  id: GeneratedAlways<number>
  order_id: number
  account_id: number
  charge_id: string
  stars: number
  contact_id: Generated<number | null>
  payer_telegram_id: Generated<number | null>
  outcome: string
  received_at: Timestamp
  refund_wanted: Generated<boolean>
  refund_failed: Generated<string | null>
  refunded_at: Generated<NullableTimestamp>
}

export interface OwnSegmentTable {
  tenant_id: number
  id: GeneratedAlways<number>
  name: string
  name_key: string
  conditions: Json
  version: Generated<number>
  changed_by: string
  created_at: Timestamp
  changed_at: Timestamp
}

export interface PageLinkTable {
  tenant_id: Generated<number | null>
  id: GeneratedAlways<number>
  token_hash: Buffer
  purpose: string
  telegram_id: number
  onboarding_id: Generated<number | null>
  locale: Generated<string | null>
  created_at: Timestamp
  expires_at: Timestamp
  opened_at: Generated<NullableTimestamp>
  visit_hash: Generated<Buffer | null>
  visit_ends_at: Generated<NullableTimestamp>
}

export interface PanelLayoutTable {
  tenant_id: number
  owner: string
  screen: string
  widgets: Json
  version: Generated<number>
  updated_at: Timestamp
}

export interface PanelNoticeTable {
  id: GeneratedAlways<number>
  recipient: number
  audience: string
  kind: string
  dedupe_key: string
  params: Generated<Json>
  group_key: string
  created_at: Timestamp
  next_at: Timestamp
  attempts: Generated<number>
  claimed_at: Generated<NullableTimestamp>
  sent_at: Generated<NullableTimestamp>
  outcome: Generated<string | null>
}

export interface PanelPersonTable {
  telegram_id: number
  chat_id: number
  locale: Generated<string>
  username: Generated<string | null>
  name: Generated<string>
  awaiting: Generated<NullableJson>
  awaiting_until: Generated<NullableTimestamp>
  updated_at: Timestamp
  blocked_at: Generated<NullableTimestamp>
  muted_at: Generated<NullableTimestamp>
}

export interface PaymentTable {
  tenant_id: number
  id: GeneratedAlways<number>
  reference: string
  provider: string
  package: string
  add_ons: Generated<Json>
  period_days: number
  amount_minor: number
  currency: string
  price_minor: number
  state: Generated<string>
  review_reason: Generated<string | null>
  received_minor: Generated<number | null>
  received_currency: Generated<string | null>
  provider_payment_id: Generated<string | null>
  checkout_id: Generated<string | null>
  checkout_url: Generated<string | null>
  seller_account_id: Generated<number | null>
  payer_telegram_id: Generated<number | null>
  claimed_by: Generated<string | null>
  claimed_at: Generated<NullableTimestamp>
  evidence_text: Generated<string | null>
  evidence_file_id: Generated<string | null>
  created_by: string
  created_at: Timestamp
  expires_at: Timestamp
  decided_by: Generated<string | null>
  decided_at: Generated<NullableTimestamp>
  decision_note: Generated<string | null>
  activated_at: Generated<NullableTimestamp>
  refunded_at: Generated<NullableTimestamp>
}

export interface PaymentEventTable {
  tenant_id: number
  payment_id: number
  provider: string
  event_id: string
  kind: string
  amount_minor: Generated<number | null>
  currency: Generated<string | null>
  outcome: string
  received_at: Timestamp
}

export interface PersonaTable {
  tenant_id: number
  account_id: number
  version: number
  is_current: boolean
  display_name: string
  tone: string
  style: string
  language: string
  facts: Json
  do_nots: Json
  greeting: string
  menu: Json
  sample_replies: Json
  updated_by: string
  updated_at: Timestamp
}

export interface PipelineTable {
  tenant_id: number
  id: GeneratedAlways<number>
  name: string
  created_at: Timestamp
}

export interface PipelineStageTable {
  tenant_id: number
  id: GeneratedAlways<number>
  pipeline_id: number
  name: string
  position: number
}

export interface PointBalanceTable {
  tenant_id: number
  contact_id: number
  points: number
}

export interface PointEntryTable {
  tenant_id: number
  id: GeneratedAlways<number>
  contact_id: number
  kind: string
  points: number
  newcomer_id: Generated<number | null>
  coupon: Generated<string | null>
  recorded_by: string
  at: Timestamp
}

export interface PollPositionTable {
  account_id: number
  next_update_id: number
}

export interface PostResponseTable {
  tenant_id: number
  delivery_id: number
  contact_id: number
  kind: string
  at: Timestamp
}

export interface ProductTable {
  tenant_id: number
  account_id: number
  name: string
  kind: string
  stars: Generated<number | null>
  payment_link: Generated<string | null>
  transfer_text: Generated<string | null>
  fulfilment: Generated<string>
  fulfilment_content: Generated<string | null>
  updated_by: string
  updated_at: Timestamp
}

export interface ProductOfferTable {
  tenant_id: number
  account_id: number
  contact_id: number
  product: string
  offered_at: Timestamp
}

export interface ProtectionTable {
  tenant_id: number
  version: number
  is_current: boolean
  level: string
  parameters: Json
  words: string[]
  updated_by: string
  updated_at: Timestamp
}

export interface ReferralTable {
  tenant_id: number
  newcomer_id: number
  referrer_id: number
  account_id: number
  state: string
  reason: Generated<string | null>
  started_at: Timestamp
  decided_at: Generated<NullableTimestamp>
}

export interface ReferralCodeTable {
  tenant_id: number
  code: string
  contact_id: number
  created_at: Timestamp
}

export interface ReferralSettingTable {
  tenant_id: number
  is_on: boolean
  points_per_person: number
  daily_max: number
  wait_days: number
  updated_by: string
  updated_at: Timestamp
}

export interface ReplyDraftTable {
  tenant_id: number
  id: GeneratedAlways<number>
  turn_id: number
  conversation_id: number
  account_id: number
  contact_id: number
  state: Generated<string>
  text: Generated<string | null>
  edited_text: Generated<string | null>
  language: string
  confidence_ratio: number
  intent: string
  findings: Json
  seen_message_id: Generated<number | null>
  model: string
  prompt_version: number
  created_at: Timestamp
  expires_at: Timestamp
  decided_at: Generated<NullableTimestamp>
  decided_by: Generated<string | null>
  delivery_id: Generated<number | null>
}

export interface RuleFiredTable {
  tenant_id: number
  id: GeneratedAlways<number>
  rule_id: number
  rule_version: number
  account_id: number
  contact_id: Generated<number | null>
  chat_id: number
  update_id: number
  delivery_id: Generated<number | null>
  at: Timestamp
}

export interface SalesOrderTable {
  tenant_id: number
  id: GeneratedAlways<number>
  reference: string
  account_id: number
  contact_id: Generated<number | null>
  run_id: Generated<number | null>
  press_key: string
  product: string
  price_minor: number
  currency: string
  way: string
  asked_minor: number
  asked_currency: string
  state: Generated<string>
  review_reason: Generated<string | null>
  fulfilment: string
  fulfilment_content: Generated<string | null>
  fulfilment_delivery_id: Generated<number | null>
  credited_delivery_id: Generated<number | null>
  created_at: Timestamp
  expires_at: Timestamp
  paid_at: Generated<NullableTimestamp>
  paid_by: Generated<string | null>
  fulfilled_at: Generated<NullableTimestamp>
  closed_at: Generated<NullableTimestamp>
}

export interface SavedReplyTable {
  tenant_id: number
  id: GeneratedAlways<number>
  name: string
  texts: Json
  updated_by: string
  updated_at: Timestamp
}

export interface ScheduleRunTable {
  name: string
  last_run_at: Timestamp
}

export interface SecondFactorTable {
  person: number
  secret_sealed: Buffer
  created_at: Timestamp
  confirmed_at: Generated<NullableTimestamp>
  last_step: Generated<number | null>
  wrong_codes: Generated<number>
  locked_until: Generated<NullableTimestamp>
}

export interface SecondFactorRecoveryTable {
  person: number
  code_hash: Buffer
  used_at: Generated<NullableTimestamp>
}

export interface SegmentAssignmentTable {
  tenant_id: number
  contact_id: number
  primary_segment: Generated<string | null>
  hot_lead: Generated<number | null>
  warm_lead: Generated<number | null>
  cold_lead: Generated<number | null>
  engaged: Generated<number | null>
  bot_lover: Generated<number | null>
  night_owl: Generated<number | null>
  new_user: Generated<number | null>
  premium_potential: Generated<number | null>
  social_butterfly: Generated<number | null>
  lurker: Generated<number | null>
  price_sensitive: Generated<number | null>
  loyal_customer: Generated<number | null>
  hot_lead_since: Generated<NullableTimestamp>
  warm_lead_since: Generated<NullableTimestamp>
  cold_lead_since: Generated<NullableTimestamp>
  engaged_since: Generated<NullableTimestamp>
  bot_lover_since: Generated<NullableTimestamp>
  night_owl_since: Generated<NullableTimestamp>
  new_user_since: Generated<NullableTimestamp>
  premium_potential_since: Generated<NullableTimestamp>
  social_butterfly_since: Generated<NullableTimestamp>
  lurker_since: Generated<NullableTimestamp>
  price_sensitive_since: Generated<NullableTimestamp>
  loyal_customer_since: Generated<NullableTimestamp>
  held: GeneratedAlways<number>
  pinned: Generated<number>
  rule_revision: number
  inputs: number[]
  assessed_at: Timestamp
  advised: Generated<number>
}

export interface SegmentHistoryTable {
  tenant_id: number
  id: GeneratedAlways<number>
  contact_id: number
  segment: string
  source: string
  confidence: number
  rule_revision: number
  inputs: number[]
  since: Timestamp
  until: Timestamp
}

export interface SegmentOpinionTable {
  tenant_id: number
  contact_id: number
  segment: string
  confidence: number
  reason: Generated<string>
  model: string
  prompt_version: number
  at: Timestamp
  expires_at: Timestamp
}

export interface SegmentOpinionRoundTable {
  tenant_id: number
  contact_id: number
  asked_at: Timestamp
}

export interface SegmentPinTable {
  tenant_id: number
  contact_id: number
  segment: string
  note: Generated<string>
  pinned_by: string
  since: Timestamp
}

export interface SegmentRuleTable {
  tenant_id: number
  segment: string
  version: number
  revision: number
  is_current: boolean
  enabled: Generated<boolean>
  conditions: Json
  base_confidence: number
  changed_by: string
  created_at: Timestamp
}

export interface SellingSettingTable {
  tenant_id: number
  account_id: number
  sells_by_itself: Generated<boolean>
  funnel: Generated<string>
  minor_per_star: Generated<number | null>
  terms: Generated<string | null>
  updated_by: string
  updated_at: Timestamp
}

export interface SignInLinkTable {
  id: GeneratedAlways<number>
  token_hash: Buffer
  telegram_id: Generated<number | null>
  tenant_id: Generated<number | null>
  locale: Generated<string | null>
  created_at: Timestamp
  expires_at: Timestamp
  used_at: Generated<NullableTimestamp>
}

export interface SlotSettingTable {
  tenant_id: number
  review: string
  updated_by: string
  updated_at: Timestamp
}

export interface SpamFindingTable {
  tenant_id: number
  chat_id: number
  contact_id: number
  pattern: string
  message_id: number
  account_id: number
  update_id: number
  measure: number
  at: Timestamp
}

export interface StrategyTable {
  tenant_id: number
  segment: string
  version: number
  is_current: boolean
  enabled: Generated<boolean>
  priority: number
  every_hours: number
  max_per_day: number
  cooldown_hours: number
  hours: number[]
  style: string
  preset: Generated<string | null>
  changed_by: string
  created_at: Timestamp
}

export interface SubscriptionTable {
  tenant_id: number
  package: string
  state: string
  extra_bots: Generated<number>
  catalogue_version: number
  period_starts_at: Timestamp
  period_ends_at: Generated<NullableTimestamp>
  period_value_minor: Generated<number>
  changed_at: Timestamp
}

export interface SubscriptionPeriodTable {
  tenant_id: number
  id: GeneratedAlways<number>
  kind: string
  package: string
  extra_bots: number
  starts_at: Timestamp
  ends_at: Generated<NullableTimestamp>
  paid_minor: number
  credit_minor: Generated<number>
  currency: string
  value_minor: number
  reference: Generated<string | null>
  catalogue_version: number
  recorded_at: Timestamp
}

export interface SuppressionTable {
  tenant_id: number
  person_hash: Buffer
  reason: string
  source: string
  since: Timestamp
  lifted_at: Generated<NullableTimestamp>
}

export interface TelegramSignInTable {
  id: GeneratedAlways<number>
  token_hash: Buffer
  created_at: Timestamp
  expires_at: Timestamp
  used_at: Generated<NullableTimestamp>
}

export interface TemplateTable {
  tenant_id: number
  id: GeneratedAlways<number>
  name: string
  message_class: string
  style: Generated<string | null>
  state: Generated<string>
  approved_at: Generated<NullableTimestamp>
  created_at: Timestamp
  is_seed: Generated<boolean>
  slot_briefs: Generated<Json>
  drafted_by: Generated<string | null>
}

export interface TemplateVariantTable {
  tenant_id: number
  template_id: number
  name: string
  locale: string
  text: string
  media: Generated<NullableJson>
  buttons: Generated<Json>
  weight: Generated<number>
}

export interface TenantTable {
  id: GeneratedAlways<number>
  slug: string
  name: string
  sender_name: string
  locale: Generated<string>
  time_zone: Generated<string>
  state: Generated<string>
  sending_stopped_at: Generated<NullableTimestamp>
  sending_stopped_reason: Generated<string | null>
  observe_until: Timestamp
  created_at: Timestamp
}

export interface TenantKeyTable {
  tenant_id: number
  version: Generated<number>
  key_sealed: Buffer
  rotated_at: Timestamp
}

export interface TenantLimitsTable {
  tenant_id: number
  package: string
  daily_messages_max: Generated<number | null>
  monthly_messages_max: Generated<number | null>
  per_minute_max: Generated<number | null>
  outreach_hourly_max: Generated<number | null>
  outreach_daily_max: Generated<number | null>
  outreach_cooldown_minutes: Generated<number>
  group_post_cooldown_seconds: Generated<number>
  quiet_from_hour: Generated<number>
  quiet_to_hour: Generated<number>
  warm_up: Generated<boolean>
  changed_at: Generated<Timestamp>
  automated_until: Generated<NullableTimestamp>
  own_per_minute_max: Generated<number | null>
  own_outreach_hourly_max: Generated<number | null>
  own_outreach_daily_max: Generated<number | null>
  own_outreach_cooldown_minutes: Generated<number | null>
  own_group_post_cooldown_seconds: Generated<number | null>
}

export interface TenantLimitsHistoryTable {
  tenant_id: number
  valid_from: Timestamp
  limits: Json
}

export interface TicketTable {
  tenant_id: Generated<number | null>
  id: GeneratedAlways<number>
  telegram_id: number
  kind: string
  subject: string
  state: Generated<string>
  priority: Generated<string>
  opened_at: Timestamp
  first_response_due_at: Timestamp
  first_response_at: Generated<NullableTimestamp>
  closed_at: Generated<NullableTimestamp>
  assigned_to: Generated<number | null>
  reference: string
}

export interface TicketMessageTable {
  tenant_id: Generated<number | null>
  id: GeneratedAlways<number>
  ticket_id: number
  author: string
  text: Generated<string | null>
  at: Timestamp
  reference: string
}

export interface TrustedMemberTable {
  tenant_id: number
  chat_id: number
  contact_id: number
  added_by: string
  added_at: Timestamp
}

export interface UpdateInboxTable {
  tenant_id: number
  account_id: number
  update_id: number
  queue_key: string
  kind: string
  payload: Generated<NullableJson>
  state: Generated<string>
  attempts: Generated<number>
  error: Generated<string | null>
  received_at: Timestamp
  finished_at: Generated<NullableTimestamp>
  source_key: Generated<string | null>
}

export interface UsageNoticeTable {
  tenant_id: number
  entitlement: string
  percent: number
  period_starts_at: Timestamp
  noticed_at: Timestamp
}

export interface UserSessionTable {
  tenant_id: number
  id: GeneratedAlways<number>
  api_root: Generated<string | null>
  created_at: Timestamp
}

export interface UserSessionKeyTable {
  tenant_id: number
  session_id: number
  dc: number
  slot: number
  key_sealed: Buffer
  expires_at: number
}

export interface UserSessionPeerTable {
  tenant_id: number
  session_id: number
  peer_id: number
  access_hash: string
  usernames: string[]
}

export interface UserSessionValueTable {
  tenant_id: number
  session_id: number
  name: string
  value_sealed: Buffer
}

export interface WebSessionTable {
  id: GeneratedAlways<number>
  token_hash: Buffer
  telegram_id: Generated<number | null>
  device: string
  created_at: Timestamp
  last_seen_at: Timestamp
  expires_at: Timestamp
  ended_at: Generated<NullableTimestamp>
  second_factor_at: Generated<NullableTimestamp>
  launch_hash: Generated<Buffer | null>
}

export interface WebhookAttemptTable {
  tenant_id: number
  delivery_id: number
  number: number
  at: Timestamp
  status: Generated<number | null>
  fault: Generated<string | null>
  latency_ms: Generated<number | null>
}

export interface WebhookDeliveryTable {
  tenant_id: number
  id: GeneratedAlways<number>
  endpoint_id: number
  message_id: string
  dedupe_key: string
  kind: string
  payload: string
  state: string
  attempts: Generated<number>
  tries: Generated<number>
  next_at: Timestamp
  claimed_until: Generated<NullableTimestamp>
  created_at: Timestamp
  ended_at: Generated<NullableTimestamp>
}

export interface WebhookEndpointTable {
  tenant_id: number
  id: GeneratedAlways<number>
  url: string
  name: string
  kinds: string[]
  state: string
  disabled_reason: Generated<string | null>
  secret_sealed: Buffer
  old_secret_sealed: Generated<Buffer | null>
  old_secret_until: Generated<NullableTimestamp>
  active_since: Timestamp
  failing_since: Generated<NullableTimestamp>
  last_success_at: Generated<NullableTimestamp>
  created_by: string
  created_at: Timestamp
  changed_at: Timestamp
}

export interface WelcomedMemberTable {
  tenant_id: number
  chat_id: number
  contact_id: number
  delivery_id: number
  at: Timestamp
}

export interface DB {
  account: AccountTable
  account_inbox_setting: AccountInboxSettingTable
  account_lease: AccountLeaseTable
  account_setting: AccountSettingTable
  activity_change: ActivityChangeTable
  activity_quarter: ActivityQuarterTable
  announcement: AnnouncementTable
  answer_turn: AnswerTurnTable
  api_call: ApiCallTable
  api_key: ApiKeyTable
  attempt: AttemptTable
  audit_log: AuditLogTable
  automation_rule: AutomationRuleTable
  brand: BrandTable
  business_connection: BusinessConnectionTable
  campaign: CampaignTable
  campaign_figure: CampaignFigureTable
  campaign_figure_change: CampaignFigureChangeTable
  campaign_policy: CampaignPolicyTable
  chat: ChatTable
  chat_account: ChatAccountTable
  chat_interest: ChatInterestTable
  chat_listing: ChatListingTable
  chat_protection: ChatProtectionTable
  chat_voice: ChatVoiceTable
  chat_wait: ChatWaitTable
  consent_ledger: ConsentLedgerTable
  contact: ContactTable
  contact_account: ContactAccountTable
  contact_chat: ContactChatTable
  contact_consent: ContactConsentTable
  contact_event: ContactEventTable
  contact_feature: ContactFeatureTable
  contact_interest: ContactInterestTable
  contact_interest_reading: ContactInterestReadingTable
  contact_note: ContactNoteTable
  contact_stage: ContactStageTable
  contact_task: ContactTaskTable
  conversation: ConversationTable
  conversation_event: ConversationEventTable
  conversation_rating: ConversationRatingTable
  delivery: DeliveryTable
  delivery_slot: DeliverySlotTable
  domain_event: DomainEventTable
  drip_position: DripPositionTable
  event_cursor: EventCursorTable
  event_retry: EventRetryTable
  fault_alert: FaultAlertTable
  fault_day: FaultDayTable
  funnel_run: FunnelRunTable
  funnel_step: FunnelStepTable
  funnel_version: FunnelVersionTable
  group_act: GroupActTable
  group_pointer: GroupPointerTable
  group_post: GroupPostTable
  group_post_run: GroupPostRunTable
  inbox_setting: InboxSettingTable
  installation: InstallationTable
  interest_set: InterestSetTable
  invitation: InvitationTable
  invite_answer: InviteAnswerTable
  invite_batch: InviteBatchTable
  invite_join: InviteJoinTable
  invite_link: InviteLinkTable
  invite_proposal: InviteProposalTable
  invite_refusal: InviteRefusalTable
  invite_setting: InviteSettingTable
  join_request: JoinRequestTable
  join_setting: JoinSettingTable
  knowledge_file: KnowledgeFileTable
  knowledge_passage: KnowledgePassageTable
  ledger_entry: LedgerEntryTable
  link_sighting: LinkSightingTable
  login_attempt: LoginAttemptTable
  member: MemberTable
  message: MessageTable
  model_answer: ModelAnswerTable
  model_meter: ModelMeterTable
  model_setting: ModelSettingTable
  model_use: ModelUseTable
  moderation_setting: ModerationSettingTable
  onboarding: OnboardingTable
  onboarding_event: OnboardingEventTable
  onboarding_step: OnboardingStepTable
  operator: OperatorTable
  operator_visit: OperatorVisitTable
  order_charge: OrderChargeTable
  own_segment: OwnSegmentTable
  page_link: PageLinkTable
  panel_layout: PanelLayoutTable
  panel_notice: PanelNoticeTable
  panel_person: PanelPersonTable
  payment: PaymentTable
  payment_event: PaymentEventTable
  persona: PersonaTable
  pipeline: PipelineTable
  pipeline_stage: PipelineStageTable
  point_balance: PointBalanceTable
  point_entry: PointEntryTable
  poll_position: PollPositionTable
  post_response: PostResponseTable
  product: ProductTable
  product_offer: ProductOfferTable
  protection: ProtectionTable
  referral: ReferralTable
  referral_code: ReferralCodeTable
  referral_setting: ReferralSettingTable
  reply_draft: ReplyDraftTable
  rule_fired: RuleFiredTable
  sales_order: SalesOrderTable
  saved_reply: SavedReplyTable
  schedule_run: ScheduleRunTable
  second_factor: SecondFactorTable
  second_factor_recovery: SecondFactorRecoveryTable
  segment_assignment: SegmentAssignmentTable
  segment_history: SegmentHistoryTable
  segment_opinion: SegmentOpinionTable
  segment_opinion_round: SegmentOpinionRoundTable
  segment_pin: SegmentPinTable
  segment_rule: SegmentRuleTable
  selling_setting: SellingSettingTable
  sign_in_link: SignInLinkTable
  slot_setting: SlotSettingTable
  spam_finding: SpamFindingTable
  strategy: StrategyTable
  subscription: SubscriptionTable
  subscription_period: SubscriptionPeriodTable
  suppression: SuppressionTable
  telegram_sign_in: TelegramSignInTable
  template: TemplateTable
  template_variant: TemplateVariantTable
  tenant: TenantTable
  tenant_key: TenantKeyTable
  tenant_limits: TenantLimitsTable
  tenant_limits_history: TenantLimitsHistoryTable
  ticket: TicketTable
  ticket_message: TicketMessageTable
  trusted_member: TrustedMemberTable
  update_inbox: UpdateInboxTable
  usage_notice: UsageNoticeTable
  user_session: UserSessionTable
  user_session_key: UserSessionKeyTable
  user_session_peer: UserSessionPeerTable
  user_session_value: UserSessionValueTable
  web_session: WebSessionTable
  webhook_attempt: WebhookAttemptTable
  webhook_delivery: WebhookDeliveryTable
  webhook_endpoint: WebhookEndpointTable
  welcomed_member: WelcomedMemberTable
}
