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
}

export interface ChatAccountTable {
  tenant_id: number
  chat_id: number
  account_id: number
  status: string
  rights: Generated<Json>
  changed_at: Timestamp
}

export interface ChatProtectionTable {
  tenant_id: number
  chat_id: number
  parameters: Json
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
}

export interface DomainEventTable {
  id: GeneratedAlways<number>
  xid: Generated<string>
  tenant_id: number
  type: string
  payload: Json
  at: Timestamp
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
}

export interface InstallationTable {
  singleton: Generated<boolean>
  sending_stopped_at: Generated<NullableTimestamp>
  sending_stopped_reason: Generated<string | null>
  tenancy: Generated<string>
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
}

export interface InviteRefusalTable {
  tenant_id: number
  contact_id: number
  chat_id: number
  refused_at: Timestamp
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

export interface ScheduleRunTable {
  name: string
  last_run_at: Timestamp
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

export interface DB {
  account: AccountTable
  account_lease: AccountLeaseTable
  account_setting: AccountSettingTable
  announcement: AnnouncementTable
  api_key: ApiKeyTable
  attempt: AttemptTable
  audit_log: AuditLogTable
  business_connection: BusinessConnectionTable
  campaign: CampaignTable
  chat: ChatTable
  chat_account: ChatAccountTable
  chat_protection: ChatProtectionTable
  chat_wait: ChatWaitTable
  consent_ledger: ConsentLedgerTable
  contact: ContactTable
  contact_account: ContactAccountTable
  contact_chat: ContactChatTable
  contact_consent: ContactConsentTable
  contact_event: ContactEventTable
  contact_feature: ContactFeatureTable
  delivery: DeliveryTable
  domain_event: DomainEventTable
  event_cursor: EventCursorTable
  event_retry: EventRetryTable
  fault_alert: FaultAlertTable
  installation: InstallationTable
  invitation: InvitationTable
  invite_refusal: InviteRefusalTable
  ledger_entry: LedgerEntryTable
  login_attempt: LoginAttemptTable
  member: MemberTable
  message: MessageTable
  onboarding: OnboardingTable
  onboarding_event: OnboardingEventTable
  onboarding_step: OnboardingStepTable
  operator: OperatorTable
  page_link: PageLinkTable
  panel_notice: PanelNoticeTable
  panel_person: PanelPersonTable
  payment: PaymentTable
  payment_event: PaymentEventTable
  persona: PersonaTable
  protection: ProtectionTable
  schedule_run: ScheduleRunTable
  segment_assignment: SegmentAssignmentTable
  segment_history: SegmentHistoryTable
  segment_pin: SegmentPinTable
  segment_rule: SegmentRuleTable
  spam_finding: SpamFindingTable
  strategy: StrategyTable
  subscription: SubscriptionTable
  subscription_period: SubscriptionPeriodTable
  suppression: SuppressionTable
  template: TemplateTable
  template_variant: TemplateVariantTable
  tenant: TenantTable
  tenant_key: TenantKeyTable
  tenant_limits: TenantLimitsTable
  tenant_limits_history: TenantLimitsHistoryTable
  ticket: TicketTable
  ticket_message: TicketMessageTable
  update_inbox: UpdateInboxTable
  usage_notice: UsageNoticeTable
  user_session: UserSessionTable
  user_session_key: UserSessionKeyTable
  user_session_peer: UserSessionPeerTable
  user_session_value: UserSessionValueTable
}
