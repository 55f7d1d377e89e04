import { type RawBuilder, sql } from 'kysely'
import { beforeAll, describe, expect, it } from 'vitest'

import { createTestDatabase } from '#server/testing/db.ts'
import { NOON, createAccount, createContact, createDelivery, createTenant } from '#server/testing/factories.ts'

import { ensurePartitions } from './partitions.ts'
import { type Db, createDb } from './pool.ts'
import { inTenant } from './tenant-scope.ts'

interface Owned {
  readonly tenant: number
  readonly account: number
  readonly contact: number
  readonly chat: number
  readonly template: number
}

const at = sql`timestamptz '2026-06-01 09:00+00'`

/** Tables that belong to the installation, not to a tenant; the tenant role may at most read them. */
const INSTALLATION_WIDE = new Set([
  'installation',
  'operator',
  'onboarding',
  'onboarding_step',
  'onboarding_event',
  'event_cursor',
  'event_retry',
  'schedule_run',
  'business_connection',
  'poll_position',
  'panel_person',
  'sign_in_link',
  'telegram_sign_in',
  'web_session',
  'second_factor',
  'second_factor_recovery',
  'operator_visit',
  'panel_notice',
  'announcement',
  'fault_alert',
  'fault_day',
  'kysely_migration',
  'kysely_migration_lock',
])

/** Name a tenant and are keyed by a person who may not have one yet: no tenant reads or writes them. */
const KEYED_BY_PERSON = new Set(['onboarding', 'sign_in_link', 'operator_visit'])

/** Filled by {@link ownedBy} or by triggers for every tenant. */
const FILLED = new Set([
  'tenant',
  'tenant_limits',
  'tenant_limits_history',
  'subscription',
  'account',
  'contact',
  'contact_feature',
  'contact_account',
  'consent_ledger',
  'contact_consent',
  'activity_change',
  'chat',
  'template',
  'delivery',
])

/** One row of each other table. A table without a row here fails the test that counts them. */
const ROWS: Readonly<Record<string, (o: Owned) => RawBuilder<unknown>>> = {
  audit_log: (o) =>
    sql`insert into audit_log (tenant_id, actor, action, at) values (${o.tenant}, 'member:1', 'test', ${at})`,
  brand: (o) => sql`insert into brand (tenant_id, name, updated_by, updated_at)
    values (${o.tenant}, 'Yıldız', 'test', ${at})`,
  activity_quarter: (o) =>
    sql`insert into activity_quarter (tenant_id, starts_at, sent) values (${o.tenant}, ${at}, 1)`,
  own_segment: (
    o,
  ) => sql`insert into own_segment (tenant_id, name, name_key, conditions, changed_by, created_at, changed_at)
    values (${o.tenant}, 'Kış', 'kış', '[]', 'test', ${at}, ${at})`,
  campaign_figure: (
    o,
  ) => sql`insert into campaign_figure (tenant_id, campaign_id, campaign_step, arm, segment, state, reason,
      is_holdout, sent_quarter) values (${o.tenant}, 1, 0, 'a', '-', 'planned', '', false, '-infinity')`,
  campaign_figure_change: (
    o,
  ) => sql`insert into campaign_figure_change (tenant_id, campaign_id, campaign_step, arm, segment,
      state, reason, is_holdout, sent_quarter, deliveries, clicked, responded, converted, opted_out, blocked)
    values (${o.tenant}, 1, 0, 'a', '-', 'planned', '', false, '-infinity', 1, 0, 0, 0, 0, 0)`,
  panel_layout: (o) => sql`insert into panel_layout (tenant_id, owner, screen, widgets, updated_at)
    values (${o.tenant}, 'member:1', 'overview', '[]', ${at})`,
  account_lease: (o) => sql`insert into account_lease (tenant_id, account_id, purpose, holder, expires_at)
    values (${o.tenant}, ${o.account}, 'sending', 'a', ${at})`,
  chat_wait: (o) => sql`insert into chat_wait (tenant_id, account_id, chat_id, waiting_until)
    values (${o.tenant}, ${o.account}, 5, ${at})`,
  update_inbox: (o) => sql`insert into update_inbox (tenant_id, account_id, update_id, queue_key, kind, received_at)
    values (${o.tenant}, ${o.account}, 1, 'chat:1', 'message', ${at})`,
  domain_event: (o) => sql`insert into domain_event (tenant_id, type, payload, at)
    values (${o.tenant}, 'contact.changed', '{}', ${at})`,
  suppression: (o) => sql`insert into suppression (tenant_id, person_hash, reason, source, since)
    values (${o.tenant}, sha256('x'), 'opted_out', 'test', ${at})`,
  chat_account: (o) => sql`insert into chat_account (tenant_id, chat_id, account_id, status, changed_at)
    values (${o.tenant}, ${o.chat}, ${o.account}, 'member', ${at})`,
  contact_chat: (o) => sql`insert into contact_chat (tenant_id, contact_id, chat_id, checked_at)
    values (${o.tenant}, ${o.contact}, ${o.chat}, ${at})`,
  message: (o) => sql`insert into message (tenant_id, at, contact_id, chat_id, direction, text)
    values (${o.tenant}, ${at}, ${o.contact}, 1, 'in', 'gizli'), (${o.tenant}, '2001-01-01', ${o.contact}, 1, 'in', 'eski')`,
  contact_event: (o) => sql`insert into contact_event (tenant_id, at, contact_id, kind)
    values (${o.tenant}, ${at}, ${o.contact}, 'started'), (${o.tenant}, '2001-01-01', ${o.contact}, 'started')`,
  segment_rule: (o) => sql`insert into segment_rule
    (tenant_id, segment, version, revision, is_current, conditions, base_confidence, changed_by, created_at)
    values (${o.tenant}, 'NEW_USER', 1, 1, true, '[]', 90, 'test', ${at})`,
  segment_assignment: (o) => sql`insert into segment_assignment
    (tenant_id, contact_id, rule_revision, inputs, assessed_at) values (${o.tenant}, ${o.contact}, 1, '{}', ${at})`,
  segment_pin: (o) => sql`insert into segment_pin (tenant_id, contact_id, segment, pinned_by, since)
    values (${o.tenant}, ${o.contact}, 'NEW_USER', 'test', ${at})`,
  segment_opinion: (o) => sql`insert into segment_opinion
    (tenant_id, contact_id, segment, confidence, model, prompt_version, at, expires_at)
    values (${o.tenant}, ${o.contact}, 'NEW_USER', 90, 'm', 1, ${at}, ${at})`,
  segment_opinion_round: (o) => sql`insert into segment_opinion_round (tenant_id, contact_id, asked_at)
    values (${o.tenant}, ${o.contact}, ${at})`,
  segment_history: (o) => sql`insert into segment_history
    (tenant_id, contact_id, segment, source, confidence, rule_revision, inputs, since, until)
    values (${o.tenant}, ${o.contact}, 'NEW_USER', 'rule', 90, 1, '{}', ${at}, ${at})`,
  template_variant: (o) => sql`insert into template_variant (tenant_id, template_id, name, locale, text)
    values (${o.tenant}, ${o.template}, 'a', 'tr', 'Merhaba')`,
  strategy: (
    o,
  ) => sql`insert into strategy (tenant_id, segment, version, is_current, priority, every_hours, max_per_day,
      cooldown_hours, hours, style, changed_by, created_at)
    values (${o.tenant}, 'NEW_USER', 1, true, 6, 48, 1, 24, '{11}', 'welcome', 'test', ${at})`,
  campaign: (o) => sql`insert into campaign (tenant_id, name, kind, account_id, steps, created_at)
    values (${o.tenant}, 'Yaz', 'broadcast', ${o.account}, '[]', ${at})`,
  campaign_policy: (o) => sql`insert into campaign_policy (tenant_id, changed_by, changed_at)
    values (${o.tenant}, 'test', ${at})`,
  drip_position: (
    o,
  ) => sql`insert into drip_position (tenant_id, campaign_id, contact_id, entered_at, check_at, changed_at)
    select tenant_id, id, ${o.contact}, ${at}, ${at}, ${at} from campaign where tenant_id = ${o.tenant}`,
  post_response: (o) => sql`insert into post_response (tenant_id, delivery_id, contact_id, kind, at)
    select tenant_id, id, ${o.contact}, 'reaction', ${at} from delivery where tenant_id = ${o.tenant} limit 1`,
  model_setting: (o) => sql`insert into model_setting (tenant_id, mode, tokens_per_month, per_minute_max, changed_by,
    changed_at) values (${o.tenant}, 'off', 0, 1, 'test', ${at})`,
  model_meter: (o) => sql`insert into model_meter (tenant_id, month, minute_at)
    values (${o.tenant}, '2026-06-01', ${at})`,
  model_use: (o) => sql`insert into model_use (tenant_id, at, purpose, prompt, prompt_version, model, is_own, outcome)
    values (${o.tenant}, ${at}, 'reply', 'test', 1, 'test', false, 'answered')`,
  model_answer: (o) => sql`insert into model_answer (tenant_id, key, contact_ids, value, created_at, expires_at)
    values (${o.tenant}, sha256('x'), '{}', '{}', ${at}, ${at})`,
  conversation: (o) => sql`insert into conversation (tenant_id, account_id, contact_id, opened_at, last_inbound_at)
    values (${o.tenant}, ${o.account}, ${o.contact}, ${at}, ${at})`,
  automation_rule: (o) => sql`insert into automation_rule
      (tenant_id, account_id, version, is_current, state, name, priority, content, changed_by, changed_at)
    values (${o.tenant}, ${o.account}, 1, true, 'enabled', 'Kargo', 100, '{}', 'test', ${at})`,
  rule_fired: (o) => sql`insert into rule_fired
      (tenant_id, rule_id, rule_version, account_id, contact_id, chat_id, update_id, at)
    select tenant_id, rule_id, version, account_id, ${o.contact}::bigint, 1, 1, ${at}
    from automation_rule where tenant_id = ${o.tenant}`,
  knowledge_file: (o) => sql`insert into knowledge_file
      (tenant_id, account_id, name, version, is_current, kind, language, content, byte_count, added_by, added_at)
    values (${o.tenant}, ${o.account}, 'iade.md', 1, true, 'md', 'tr', 'gizli', 5, 'test', ${at})`,
  knowledge_passage: (o) => sql`insert into knowledge_passage (tenant_id, file_id, number, heading, text, words)
    select tenant_id, id, 1, '', content, 'gizli' from knowledge_file where tenant_id = ${o.tenant}`,
  conversation_event: (o) => sql`insert into conversation_event
      (tenant_id, conversation_id, contact_id, at, kind, by, text)
    select tenant_id, id, contact_id, ${at}, 'note', 'member:1', 'gizli' from conversation where tenant_id = ${o.tenant}`,
  inbox_setting: (o) => sql`insert into inbox_setting (tenant_id, answer_within_minutes, updated_by, updated_at)
    values (${o.tenant}, 60, 'test', ${at})`,
  account_inbox_setting: (o) => sql`insert into account_inbox_setting
      (tenant_id, account_id, ai_pause_minutes, rating, updated_by, updated_at)
    values (${o.tenant}, ${o.account}, 30, 'emoji', 'test', ${at})`,
  saved_reply: (o) => sql`insert into saved_reply (tenant_id, name, texts, updated_by, updated_at)
    values (${o.tenant}, 'kargo', '{"tr": "Yolda"}', 'test', ${at})`,
  conversation_rating: (o) => sql`insert into conversation_rating
      (tenant_id, contact_id, account_id, delivery_id, scale, asked_at, answered_by)
    values (${o.tenant}, ${o.contact}, ${o.account}, 1, 'emoji', ${at}, 'human')`,
  contact_note: (o) => sql`insert into contact_note (tenant_id, contact_id, text, written_by, at)
    values (${o.tenant}, ${o.contact}, 'gizli', 'member:1', ${at})`,
  contact_task: (o) => sql`insert into contact_task (tenant_id, contact_id, title, created_by, created_at)
    values (${o.tenant}, ${o.contact}, 'Ara', 'member:1', ${at})`,
  pipeline: (o) => sql`insert into pipeline (tenant_id, name, created_at) values (${o.tenant}, 'Satış', ${at})`,
  pipeline_stage: (o) => sql`insert into pipeline_stage (tenant_id, pipeline_id, name, position)
    select tenant_id, id, 'Yeni', 1 from pipeline where tenant_id = ${o.tenant}`,
  contact_stage: (o) => sql`insert into contact_stage (tenant_id, contact_id, pipeline_id, stage_id, since, moved_by)
    select tenant_id, ${o.contact}::bigint, pipeline_id, id, ${at}, 'member:1' from pipeline_stage
    where tenant_id = ${o.tenant}`,
  attempt: (o) => sql`insert into attempt (tenant_id, delivery_id, account_id, number, started_at)
    values (${o.tenant}, 1, ${o.account}, 1, ${at})`,
  payment: (o) => sql`insert into payment
    (tenant_id, reference, provider, package, period_days, amount_minor, currency, price_minor, created_by, created_at, expires_at)
    values (${o.tenant}, 'GC' || lpad(${o.tenant}::text, 10, '2'), 'transfer', 'starter', 30, 1, 'TRY', 1, 'test', ${at}, ${at})`,
  payment_event: (o) => sql`insert into payment_event
    (tenant_id, payment_id, provider, event_id, kind, outcome, received_at)
    select tenant_id, id, 'paytr', reference, 'paid', 'paid', ${at} from payment where tenant_id = ${o.tenant}`,
  ledger_entry: (o) => sql`insert into ledger_entry
    (tenant_id, payment_id, posting, account, amount_minor, currency, at)
    select tenant_id, id, 'received', account, amount, 'TRY', ${at}
    from payment, (values ('cash', 1), ('held', -1)) v(account, amount) where tenant_id = ${o.tenant}`,
  member: (o) => sql`insert into member (tenant_id, telegram_id, role, name, invited_by, joined_at)
    values (${o.tenant}, 77, 'owner', 'Ayşe', 'system', ${at})`,
  invitation: (o) => sql`insert into invitation (tenant_id, token_hash, role, invited_by, created_at, expires_at)
    values (${o.tenant}, sha256(${String(o.tenant)}::bytea), 'agent', 'member:1', ${at}, ${at})`,
  api_key: (o) => sql`insert into api_key (tenant_id, name, prefix, secret_hash, scopes, created_by, created_at)
    values (${o.tenant}, 'Depo', ${`p${o.tenant}`}, sha256('x'), '{contacts.view}', 'member:1', ${at})`,
  subscription_period: (o) => sql`insert into subscription_period (tenant_id, kind, package, extra_bots, starts_at,
      paid_minor, currency, value_minor, catalogue_version, recorded_at)
    values (${o.tenant}, 'grant', 'starter', 0, ${at}, 0, 'TRY', 0, 1, ${at})`,
  usage_notice: (o) => sql`insert into usage_notice (tenant_id, entitlement, percent, period_starts_at, noticed_at)
    values (${o.tenant}, 'templates', 80, ${at}, ${at})`,
  ticket: (o) => sql`insert into ticket
      (tenant_id, telegram_id, kind, subject, opened_at, first_response_due_at, reference)
    values (${o.tenant}, 77, 'support', 'Soru', ${at}, ${at}, ${`ticket-${o.tenant}`})`,
  ticket_message: (o) => sql`insert into ticket_message (tenant_id, ticket_id, author, text, at, reference)
    select tenant_id, id, 'telegram:77', 'gizli', ${at}, reference from ticket where tenant_id = ${o.tenant}`,
  tenant_key: (o) => sql`insert into tenant_key (tenant_id, key_sealed, rotated_at) values (${o.tenant}, 'x', ${at})`,
  user_session: (o) => sql`insert into user_session (tenant_id, created_at) values (${o.tenant}, ${at})`,
  user_session_value: (o) => sql`insert into user_session_value (tenant_id, session_id, name, value_sealed)
    select tenant_id, id, 'self', 'x' from user_session where tenant_id = ${o.tenant}`,
  user_session_key: (o) => sql`insert into user_session_key (tenant_id, session_id, dc, slot, key_sealed, expires_at)
    select tenant_id, id, 2, -1, 'x', 0 from user_session where tenant_id = ${o.tenant}`,
  user_session_peer: (o) => sql`insert into user_session_peer (tenant_id, session_id, peer_id, access_hash, usernames)
    select tenant_id, id, 7, '1', '{}' from user_session where tenant_id = ${o.tenant}`,
  page_link: (o) => sql`insert into page_link (tenant_id, token_hash, purpose, telegram_id, created_at, expires_at)
    values (${o.tenant}, sha256(${`link ${o.tenant}`}::bytea), 'login', 77, ${at}, ${at})`,
  login_attempt: (o) => sql`insert into login_attempt
    (tenant_id, telegram_id, kind, state, ended_at, consent_version, created_at, expires_at)
    values (${o.tenant}, 77, 'qr', 'ended', ${at}, '1', ${at}, ${at})`,
  invite_refusal: (o) => sql`insert into invite_refusal (tenant_id, contact_id, chat_id, refused_at)
    values (${o.tenant}, ${o.contact}, ${o.chat}, ${at})`,
  persona: (o) => sql`insert into persona (tenant_id, account_id, version, is_current, display_name, tone, style,
      language, facts, do_nots, greeting, menu, sample_replies, updated_by, updated_at)
    values (${o.tenant}, ${o.account}, 1, true, 'Ayşe', '', '', 'tr', '{}', '[]', '', '[]', '[]', 'test', ${at})`,
  account_setting: (o) => sql`insert into account_setting (tenant_id, account_id, version, is_current, reply_mode,
      invite_ratio, group_placements, product_price_minor, product_currency, updated_by, updated_at)
    values (${o.tenant}, ${o.account}, 1, true, 'manual', 0.3, 1, 25000, 'TRY', 'test', ${at})`,
  answer_turn: (o) => sql`insert into answer_turn (tenant_id, conversation_id, account_id, contact_id, kind, opened_at,
      asked_at, due_at)
    select tenant_id, id, account_id, contact_id, 'answer', ${at}, ${at}, ${at} from conversation where tenant_id = ${o.tenant}`,
  reply_draft: (o) => sql`insert into reply_draft (tenant_id, turn_id, conversation_id, account_id, contact_id, text,
      language, confidence_ratio, intent, findings, model, prompt_version, created_at, expires_at)
    select tenant_id, 1, id, account_id, contact_id, 'gizli', 'tr', 0.9, 'soru', '[]', 'm', 1, ${at}, ${at}
    from conversation where tenant_id = ${o.tenant}`,
  slot_setting: (o) => sql`insert into slot_setting (tenant_id, review, updated_by, updated_at)
    values (${o.tenant}, 'required', 'test', ${at})`,
  delivery_slot: (o) => sql`insert into delivery_slot (tenant_id, delivery_id, contact_id, slot, state, text, findings,
      wording_hash, persona_version, model, prompt_version, created_at)
    select tenant_id, id, contact_id, 'hello', 'proposed', 'gizli', '[]', 1, 0, 'm', 1, ${at} from delivery
    where tenant_id = ${o.tenant} limit 1`,
  protection: (o) => sql`insert into protection (tenant_id, version, is_current, level, parameters, words, updated_by,
      updated_at) values (${o.tenant}, 1, true, 'basic', '{}', '{}', 'test', ${at})`,
  chat_protection: (o) => sql`insert into chat_protection (tenant_id, chat_id, parameters, updated_by, updated_at)
    values (${o.tenant}, ${o.chat}, '{}', 'test', ${at})`,
  spam_finding: (o) => sql`insert into spam_finding (tenant_id, chat_id, contact_id, pattern, message_id, account_id,
      update_id, measure, at)
    values (${o.tenant}, ${o.chat}, ${o.contact}, 'burst', 1, ${o.account}, 1, 5, ${at})`,
  selling_setting: (o) => sql`insert into selling_setting (tenant_id, account_id, updated_by, updated_at)
    values (${o.tenant}, ${o.account}, 'test', ${at})`,
  product: (o) => sql`insert into product (tenant_id, account_id, name, kind, updated_by, updated_at)
    values (${o.tenant}, ${o.account}, 'VIP', 'digital', 'test', ${at})`,
  funnel_version: (o) => sql`insert into funnel_version (tenant_id, name, version, is_current, definition, updated_by,
      updated_at) values (${o.tenant}, 'vip', 1, true, '{}', 'test', ${at})`,
  funnel_run: (o) => sql`insert into funnel_run (tenant_id, account_id, contact_id, funnel, version, stage, since_at,
      why, started_at) values (${o.tenant}, ${o.account}, ${o.contact}, 'standard', 0, 'offered', ${at}, 'offer', ${at})`,
  funnel_step: (o) => sql`insert into funnel_step (tenant_id, run_id, to_stage, kind, why, at)
    select tenant_id, id, stage, 'offered', why, ${at} from funnel_run where tenant_id = ${o.tenant}`,
  product_offer: (o) => sql`insert into product_offer (tenant_id, account_id, contact_id, product, offered_at)
    values (${o.tenant}, ${o.account}, ${o.contact}, 'VIP', ${at})`,
  sales_order: (o) => sql`insert into sales_order (tenant_id, reference, account_id, contact_id, press_key, product,
      price_minor, currency, way, asked_minor, asked_currency, fulfilment, created_at, expires_at)
    values (${o.tenant}, ${`SO${'A'.repeat(15)}${'ABCDEFGH'[o.tenant % 8]}`}, ${o.account}, ${o.contact}, 'press', 'VIP', 100,
      'TRY', 'stars', 5, 'XTR', 'hand', ${at}, ${at})`,
  order_charge: (o) => sql`insert into order_charge (tenant_id, order_id, account_id, charge_id, stars, outcome,
      received_at)
    select tenant_id, id, account_id, 'charge', 5, 'settled', ${at} from sales_order where tenant_id = ${o.tenant}`,
  interest_set: (o) => sql`insert into interest_set (tenant_id, version, is_current, groups, updated_by, updated_at)
    values (${o.tenant}, 1, true, '[]', 'test', ${at})`,
  contact_interest: (o) => sql`insert into contact_interest (tenant_id, contact_id, interest, day, count)
    values (${o.tenant}, ${o.contact}, 'social', '2026-06-01', 1)`,
  contact_interest_reading: (o) => sql`insert into contact_interest_reading
    (tenant_id, contact_id, version, inbound_count, read_at) values (${o.tenant}, ${o.contact}, 0, 0, ${at})`,
  chat_interest: (o) => sql`insert into chat_interest (tenant_id, chat_id, interests, updated_by, updated_at)
    values (${o.tenant}, ${o.chat}, '{social}', 'test', ${at})`,
  invite_setting: (o) => sql`insert into invite_setting (tenant_id, propose_every_hours, daily_max, is_auto, admission,
      link_life_days, updated_by, updated_at) values (${o.tenant}, 6, 20, false, 'limited', 7, 'test', ${at})`,
  invite_batch: (o) => sql`insert into invite_batch (tenant_id, proposed_at) values (${o.tenant}, ${at})`,
  invite_proposal: (o) => sql`insert into invite_proposal (tenant_id, batch_id, contact_id, chat_id, account_id, score,
      reasons, engagement)
    select tenant_id, id, ${o.contact}, ${o.chat}, ${o.account}, 1, '[]', 50 from invite_batch
    where tenant_id = ${o.tenant}`,
  invite_link: (o) => sql`insert into invite_link (tenant_id, chat_id, maker_account_id, admission, life_days,
      wanted_at, created_by) values (${o.tenant}, ${o.chat}, ${o.account}, 'open', 7, ${at}, 'test')`,
  invite_answer: (o) => sql`insert into invite_answer (tenant_id, delivery_id, contact_id, chat_id, yes_at)
    select tenant_id, min(id), ${o.contact}, ${o.chat}, ${at} from delivery where tenant_id = ${o.tenant} group by 1`,
  invite_join: (o) => sql`insert into invite_join (tenant_id, chat_id, contact_id, link_id, joined_at)
    select tenant_id, ${o.chat}, ${o.contact}, id, ${at} from invite_link where tenant_id = ${o.tenant}`,
  referral_setting: (o) => sql`insert into referral_setting (tenant_id, is_on, points_per_person, daily_max, wait_days,
      updated_by, updated_at) values (${o.tenant}, true, 10, 5, 30, 'test', ${at})`,
  referral_code: (o) => sql`insert into referral_code (tenant_id, code, contact_id, created_at)
    values (${o.tenant}, 'abcdefgh', ${o.contact}, ${at})`,
  referral: (o) => sql`with newcomer as (
      insert into contact (tenant_id, first_seen_at, created_at) values (${o.tenant}, ${at}, ${at}) returning id)
    insert into referral (tenant_id, newcomer_id, referrer_id, account_id, state, started_at)
    select ${o.tenant}, id, ${o.contact}, ${o.account}, 'waiting', ${at} from newcomer`,
  point_entry: (o) => sql`insert into point_entry (tenant_id, contact_id, kind, points, recorded_by, at)
    values (${o.tenant}, ${o.contact}, 'merged', 5, 'test', ${at})`,
  point_balance: (o) => sql`insert into point_balance (tenant_id, contact_id, points)
    values (${o.tenant}, ${o.contact}, 5)`,
  moderation_setting: (o) => sql`insert into moderation_setting (tenant_id, chat_id, action, restrict_minutes,
      after_findings, updated_by, updated_at) values (${o.tenant}, ${o.chat}, 'log', 60, 2, 'test', ${at})`,
  trusted_member: (o) => sql`insert into trusted_member (tenant_id, chat_id, contact_id, added_by, added_at)
    values (${o.tenant}, ${o.chat}, ${o.contact}, 'test', ${at})`,
  join_request: (o) => sql`insert into join_request (tenant_id, chat_id, contact_id, account_id, is_via_own_link,
      requested_at, reason) values (${o.tenant}, ${o.chat}, ${o.contact}, ${o.account}, false, ${at}, 'ask')`,
  join_setting: (o) => sql`insert into join_setting (tenant_id, chat_id, admit, otherwise, updated_by, updated_at)
    values (${o.tenant}, ${o.chat}, 'nobody', 'leave', 'test', ${at})`,
  group_act: (o) => sql`insert into group_act (tenant_id, chat_id, account_id, contact_id, kind, dedupe_key, wanted_by,
      wanted_at, next_at) values (${o.tenant}, ${o.chat}, ${o.account}, ${o.contact}, 'restrict', 'x', 'test', ${at}, ${at})`,
  chat_listing: (o) => sql`insert into chat_listing (tenant_id, username, note, added_by, added_at)
    values (${o.tenant}, 'musteriler', '', 'test', ${at})`,
  link_sighting: (o) => sql`insert into link_sighting (tenant_id, chat_id, username, count, first_at, last_at)
    values (${o.tenant}, ${o.chat}, 'deneme_bot', 1, ${at}, ${at})`,
  chat_voice: (o) => sql`insert into chat_voice (tenant_id, chat_id, account_id, updated_by, updated_at)
    values (${o.tenant}, ${o.chat}, ${o.account}, 'test', ${at})`,
  welcomed_member: (o) => sql`insert into welcomed_member (tenant_id, chat_id, contact_id, delivery_id, at)
    values (${o.tenant}, ${o.chat}, ${o.contact}, 1, ${at})`,
  group_pointer: (o) => sql`insert into group_pointer (tenant_id, contact_id, pointed_at)
    values (${o.tenant}, ${o.contact}, ${at})`,
  group_post: (o) => sql`insert into group_post (tenant_id, chat_id, account_id, name, text, schedule, starts_on,
      anchor_at, pins, next_slot_at, created_by, created_at)
    values (${o.tenant}, ${o.chat}, ${o.account}, 'Sabah', 'Günaydın', '{}', '2026-06-01', ${at}, false, ${at}, 'test', ${at})`,
  group_post_run: (o) => sql`insert into group_post_run (tenant_id, post_id, slot_at, reason, at)
    select tenant_id, id, ${at}, 'chat_left', ${at} from group_post where tenant_id = ${o.tenant}`,
  webhook_endpoint: (o) => sql`insert into webhook_endpoint (tenant_id, url, name, kinds, state, secret_sealed,
      active_since, created_by, created_at, changed_at)
    values (${o.tenant}, 'https://hooks.example.com/in', 'Muhasebe', '{order.paid}', 'active', 'x', ${at}, 'test', ${at}, ${at})`,
  webhook_delivery: (
    o,
  ) => sql`insert into webhook_delivery (tenant_id, endpoint_id, message_id, dedupe_key, kind, payload,
      state, next_at, created_at)
    select tenant_id, id, 'msg_1', 'order:1:paid', 'order.paid', '{}', 'waiting', ${at}, ${at} from webhook_endpoint
    where tenant_id = ${o.tenant}`,
  webhook_attempt: (o) => sql`insert into webhook_attempt (tenant_id, delivery_id, number, at)
    select tenant_id, id, 1, ${at} from webhook_delivery where tenant_id = ${o.tenant}`,
  api_call: (o) => sql`insert into api_call (tenant_id, caller, key, fingerprint, state, begun_at, expires_at)
    values (${o.tenant}, 'key:1', 'a', 'x', 'running', ${at}, ${at})`,
}

/** Past words are proof: not even their own tenant changes or removes them. */
const APPEND_ONLY = new Set([
  'audit_log',
  'subscription_period',
  'consent_ledger',
  'payment_event',
  'ledger_entry',
  'model_use',
  'point_entry',
  'activity_change',
  'campaign_figure_change',
])

const RLS_ERROR = /row-level security/
const NO_GRANT = /permission denied/

const ownedBy = async (db: Db): Promise<Owned> => {
  const tenant = await createTenant(db)
  const account = await createAccount(db, tenant)
  const contact = await createContact(db, tenant, { accountId: account, consents: ['marketing'] })
  await createDelivery(db, tenant, { accountId: account, contactId: contact, chatId: contact })
  const one = async (query: RawBuilder<{ id: number }>) => (await query.execute(db)).rows[0]?.id ?? 0
  return {
    tenant,
    account,
    contact,
    chat: await one(sql`insert into chat (tenant_id, telegram_id, kind, title, added_at)
      values (${tenant}, -100, 'supergroup', 'Müşteriler', ${at}) returning id`),
    template: await one(sql`insert into template (tenant_id, name, message_class, created_at)
      values (${tenant}, 'selam', 'commercial', ${at}) returning id`),
  }
}

const database = await createTestDatabase()
const db = createDb(database.pool)
await ensurePartitions(db, NOON)

const relations = await sql<{ name: string; is_partition: boolean; is_owned: boolean }>`
  select c.relname as name, c.relispartition as is_partition,
    c.relname = 'tenant' or exists (
      select from information_schema.columns k
      where k.table_schema = 'public' and k.table_name = c.relname and k.column_name = 'tenant_id'
    ) as is_owned
  from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  order by 1`.execute(db)
const isOwned = (row: { readonly name: string; readonly is_owned: boolean }) =>
  row.is_owned && !KEYED_BY_PERSON.has(row.name)
const TABLES = relations.rows.filter((r) => isOwned(r) && !r.is_partition).map((r) => r.name)
const PARTITIONS = relations.rows.filter((r) => r.is_partition).map((r) => r.name)
const SHARED = relations.rows.filter((r) => !isOwned(r) && !r.is_partition).map((r) => r.name)

let mine: Owned
let theirs: Owned

beforeAll(async () => {
  mine = await ownedBy(db)
  theirs = await ownedBy(db)
  for (const owner of [mine, theirs]) for (const row of Object.values(ROWS)) await row(owner).execute(db)
})

const asThem = <T>(query: RawBuilder<T>) => inTenant(db, theirs.tenant, (tx) => query.execute(tx))
const keyOf = (table: string) => sql.ref(table === 'tenant' ? 'id' : 'tenant_id')

/** The row of the first tenant, column by column, without those that the database computes. */
const copyOfMine = async (table: string) => {
  const { rows: columns } = await sql<{ name: string }>`
    select column_name as name from information_schema.columns
    where table_schema = 'public' and table_name = ${table} and is_generated = 'NEVER' order by ordinal_position`.execute(
    db,
  )
  const { rows } = await sql<{ row: object }>`
    select to_jsonb(t) as row from ${sql.table(table)} t where ${keyOf(table)} = ${mine.tenant} limit 1`.execute(db)
  const names = sql.join(columns.map((c) => sql.ref(c.name)))
  const given = JSON.stringify(rows[0]?.row)
  return sql`insert into ${sql.table(table)} (${names}) overriding system value
    select ${names} from jsonb_populate_record(null::${sql.table(table)}, ${given}::jsonb)`
}

describe('inTenant', () => {
  it('has a case here for every table that belongs to a tenant, and knows every other table', () => {
    expect(TABLES.filter((name) => !FILLED.has(name) && !(name in ROWS))).toEqual([])
    expect(SHARED.filter((name) => !INSTALLATION_WIDE.has(name))).toEqual([])
    expect(TABLES.length).toBeGreaterThan(25)
    expect(PARTITIONS.length).toBeGreaterThan(8)
  })

  it.each(TABLES)('shows nothing of another tenant in %s, not even to a query that names no tenant', async (table) => {
    const count = sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`
    const own = sql`where ${keyOf(table)} = ${theirs.tenant}`
    const { rows: owned } = await sql<{ count: number }>`${count} ${own}`.execute(db)
    expect(owned[0]?.count).toBeGreaterThan(0)
    expect((await asThem(count)).rows[0]?.count).toBe(owned[0]?.count)
    expect((await asThem(sql<{ count: number }>`${count} where ${keyOf(table)} = ${mine.tenant}`)).rows[0]?.count).toBe(
      0,
    )
    const outside = await inTenant(db, 0, (tx) => count.execute(tx))
    expect(outside.rows[0]?.count).toBe(0)
  })

  it.each(TABLES)('lets no other tenant change or remove rows of %s', async (table) => {
    const before = await sql`select * from ${sql.table(table)} where ${keyOf(table)} = ${mine.tenant}`.execute(db)
    const column = sql.ref(table === 'tenant' ? 'name' : 'tenant_id')
    const change = sql`update ${sql.table(table)} set ${column} = ${column} where ${keyOf(table)} = ${mine.tenant}`
    const remove = sql`delete from ${sql.table(table)} where ${keyOf(table)} = ${mine.tenant}`
    if (APPEND_ONLY.has(table)) {
      await expect(asThem(change)).rejects.toThrow(NO_GRANT)
      await expect(asThem(remove)).rejects.toThrow(NO_GRANT)
    } else {
      expect((await asThem(change)).numAffectedRows).toBe(0n)
      expect((await asThem(remove)).numAffectedRows).toBe(0n)
    }
    const after = await sql`select * from ${sql.table(table)} where ${keyOf(table)} = ${mine.tenant}`.execute(db)
    expect(after.rows).toEqual(before.rows)
    expect(after.rows.length).toBeGreaterThan(0)
  })

  it.each(TABLES)('lets no other tenant write rows of ours into %s or give us theirs', async (table) => {
    await expect(asThem(await copyOfMine(table))).rejects.toThrow(RLS_ERROR)
    if (APPEND_ONLY.has(table) || table === 'tenant') return
    const give = sql`update ${sql.table(table)} set tenant_id = ${mine.tenant}`
    await expect(asThem(give)).rejects.toThrow(RLS_ERROR)
  })

  it.each(PARTITIONS)(
    'keeps the partition %s closed: a tenant reaches its rows through the parent alone',
    async (table) => {
      const name = sql.table(table)
      await expect(asThem(sql`select * from ${name}`)).rejects.toThrow(NO_GRANT)
      await expect(asThem(sql`delete from ${name}`)).rejects.toThrow(NO_GRANT)
      await expect(asThem(sql`update ${name} set tenant_id = tenant_id`)).rejects.toThrow(NO_GRANT)
      await expect(asThem(sql`insert into ${name} (tenant_id, at) values (${theirs.tenant}, ${at})`)).rejects.toThrow(
        NO_GRANT,
      )
    },
  )

  it.each(SHARED)('lets a tenant at most read %s, which belongs to the installation', async (table) => {
    const name = sql.table(table)
    if (table !== 'installation') await expect(asThem(sql`select * from ${name}`)).rejects.toThrow(NO_GRANT)
    await expect(asThem(sql`delete from ${name}`)).rejects.toThrow(NO_GRANT)
  })

  it('leaves nothing of its scope behind on the connection', async () => {
    await asThem(sql`select 1`)
    const { rows } = await sql<{ role: string; tenant: string | null }>`
      select current_user as role, nullif(current_setting('app.tenant_id', true), '') as tenant`.execute(db)
    expect(rows[0]?.tenant).toBeNull()
    expect(rows[0]?.role).not.toBe('gavatcore_tenant')
  })
})
