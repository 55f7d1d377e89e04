/** Closed vocabularies shared by every floor. A new case is a new entry here, never a free string elsewhere. */

export const SEGMENTS = [
  'HOT_LEAD',
  'WARM_LEAD',
  'COLD_LEAD',
  'ENGAGED',
  'BOT_LOVER',
  'NIGHT_OWL',
  'NEW_USER',
  'PREMIUM_POTENTIAL',
  'SOCIAL_BUTTERFLY',
  'LURKER',
  'PRICE_SENSITIVE',
  'LOYAL_CUSTOMER',
] as const
export type Segment = (typeof SEGMENTS)[number]

/** `user` accounts (MTProto) are linked by a person; `business` accounts are chatbots connected to a person's account. */
export const ACCOUNT_KINDS = ['bot', 'business', 'user'] as const
export type AccountKind = (typeof ACCOUNT_KINDS)[number]

export const ACCOUNT_STATES = ['active', 'paused', 'disconnected'] as const
export type AccountState = (typeof ACCOUNT_STATES)[number]

/** What the owner of a business account can allow a connected bot; Telegram's names (Bot API, BusinessBotRights). */
export const BUSINESS_RIGHTS = [
  'can_reply',
  'can_read_messages',
  'can_delete_outgoing_messages',
  'can_delete_all_messages',
  'can_edit_name',
  'can_edit_bio',
  'can_edit_profile_photo',
  'can_edit_username',
  'can_change_gift_settings',
  'can_view_gifts_and_stars',
  'can_convert_gifts_to_stars',
  'can_transfer_and_upgrade_gifts',
  'can_transfer_stars',
  'can_manage_stories',
] as const

/** Class of a template: decides consent, caps and opt-out duties. Fixed when the template is approved. */
export const MESSAGE_CLASSES = ['reply', 'transactional', 'commercial'] as const
export type MessageClass = (typeof MESSAGE_CLASSES)[number]

export const CAMPAIGN_KINDS = ['announcement', 'promo', 'broadcast', 'drip'] as const
export type CampaignKind = (typeof CAMPAIGN_KINDS)[number]

export const CAMPAIGN_STATES = ['draft', 'running', 'paused', 'completed', 'cancelled'] as const
export type CampaignState = (typeof CAMPAIGN_STATES)[number]

/** Where a delivery stands. The state machine is in server/modules/delivery/delivery.rules.ts. */
export const DELIVERY_STATES = [
  'planned',
  'deferred',
  'reserved',
  'sent',
  'failed',
  'unknown',
  'refused',
  'cancelled',
] as const
export type DeliveryState = (typeof DELIVERY_STATES)[number]

/** What brought a delivery into being. */
export const DELIVERY_SOURCES = ['campaign', 'strategy', 'reply', 'system'] as const
export type DeliverySource = (typeof DELIVERY_SOURCES)[number]

/** What the bot that knows a contact may do: only `reachable` people can be messaged first. */
export const REACHABILITIES = ['reachable', 'not_started', 'blocked', 'deactivated', 'unknown'] as const
export type Reachability = (typeof REACHABILITIES)[number]

export const CONSENT_PURPOSES = ['marketing', 'night_hours', 'ai_processing'] as const
export type ConsentPurpose = (typeof CONSENT_PURPOSES)[number]

/** Why the guard deferred or refused a delivery, or why a send failed for good; shown as "why not sent". */
export const GUARD_REASONS = [
  'tenant_inactive',
  'kill_switch_global',
  'kill_switch_tenant',
  'kill_switch_account',
  'account_unusable',
  'account_paused_by_health',
  'account_waiting',
  'class_not_approved',
  'suppressed',
  'no_consent',
  'unread_update',
  'recipient_is_bot',
  'recipient_is_official',
  'not_started',
  'blocked',
  'deactivated',
  'unreachable',
  'business_window_closed',
  'quiet_hours',
  'duplicate_content',
  'hard_ceiling_daily',
  'hard_ceiling_gap',
  'outreach_cooldown',
  'outreach_hourly',
  'outreach_daily',
  'strategy_cooldown',
  'strategy_daily',
  'tenant_daily_quota',
  'tenant_monthly_quota',
  'account_per_minute',
  'telegram_chat_rate',
  'telegram_group_rate',
  'group_post_cooldown',
  'group_over_package',
  'group_invite_cooldown',
  'invite_refused',
  'warm_up_daily',
  'expired',
  'holdout',
] as const
export type GuardReason = (typeof GUARD_REASONS)[number]

export const ASSIGNMENT_SOURCES = ['rule', 'ai', 'manual'] as const
export type AssignmentSource = (typeof ASSIGNMENT_SOURCES)[number]

/** The kinds of refused request. Each door maps them once: HTTP status, CLI exit code, bot text. */
export const ERROR_KINDS = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'not_found',
  'conflict',
  'limit_reached',
  'rate_limited',
  'unavailable',
  'internal',
] as const
export type ErrorKind = (typeof ERROR_KINDS)[number]

/** What is sold; terms are in server/modules/billing/catalogue.json. The terms of `custom` are agreed with the operator. */
export const PACKAGES = ['trial', 'starter', 'professional', 'enterprise', 'custom'] as const
export type PackageName = (typeof PACKAGES)[number]

/** `grace`: the period is over and sending goes on for a few days. `cancelled`: works to the end of its period, then expires. */
export const SUBSCRIPTION_STATES = ['trial', 'active', 'grace', 'expired', 'cancelled'] as const
export type SubscriptionState = (typeof SUBSCRIPTION_STATES)[number]

/** How an account answers: by people alone, by drafts that people approve, or by itself. */
export const REPLY_MODES = ['manual', 'hybrid', 'ai'] as const
export type ReplyMode = (typeof REPLY_MODES)[number]

/** What a person is within a tenant; what each may do is in server/modules/tenancy/access.rules.ts. */
export const MEMBER_ROLES = ['owner', 'admin', 'agent', 'analyst', 'billing'] as const
export type MemberRole = (typeof MEMBER_ROLES)[number]

/** Who runs the installation, and who helps tenants without seeing their people. */
export const OPERATOR_ROLES = ['operator', 'support'] as const
export type OperatorRole = (typeof OPERATOR_ROLES)[number]

export const LOCALES = ['tr', 'en', 'ru', 'ar'] as const
export type Locale = (typeof LOCALES)[number]

/** Tone of a strategy's messages. */
export const MESSAGE_STYLES = [
  'direct_sales',
  'appreciation',
  'friendly_engaging',
  'soft_value',
  'premium_value',
  'welcome',
  'playful',
  'offer',
  'calm_night',
  'community',
  'low_pressure',
  're_introduction',
] as const
export type MessageStyle = (typeof MESSAGE_STYLES)[number]

export const LOG_CATEGORIES = [
  'app',
  'errors',
  'sessions',
  'analytics',
  'delivery_optimizer',
  'segmentation',
  'crm_analytics',
  'audit',
] as const
export type LogCategory = (typeof LOG_CATEGORIES)[number]

/** The ways money comes in. */
export const PAYMENT_PROVIDERS = ['transfer', 'stars', 'stripe', 'paytr', 'papara'] as const
export type PaymentProviderName = (typeof PAYMENT_PROVIDERS)[number]

export const PAYMENT_STATES = [
  'created',
  'claimed',
  'pending',
  'approved',
  'paid',
  'rejected',
  'expired',
  'refunded',
] as const
export type PaymentState = (typeof PAYMENT_STATES)[number]

/** Why a person has to look at a payment before anything else happens to it. */
export const PAYMENT_REVIEW_REASONS = [
  'amount_mismatch',
  'currency_mismatch',
  'paid_after_rejection',
  'paid_twice',
  'refund_mismatch',
] as const
export type PaymentReviewReason = (typeof PAYMENT_REVIEW_REASONS)[number]

/** From stranger to running account; `choosing` comes before a package, the last four are ends. */
export const ONBOARDING_STATES = [
  'choosing',
  'package_selected',
  'payment_pending',
  'payment_claimed',
  'payment_approved',
  'account_connecting',
  'profile_created',
  'active',
  'cancelled',
  'expired',
  'failed',
] as const
export type OnboardingState = (typeof ONBOARDING_STATES)[number]

/** Where a person goes through an onboarding; it goes on at the same step on any of them. */
export const ONBOARDING_SURFACES = ['bot', 'miniapp', 'web'] as const
export type OnboardingSurface = (typeof ONBOARDING_SURFACES)[number]
