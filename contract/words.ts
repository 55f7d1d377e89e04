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

/** How an account goes on: a strained one sends less, or nothing. */
export const ACCOUNT_HEALTHS = ['normal', 'slowed', 'stopped'] as const
export type AccountHealth = (typeof ACCOUNT_HEALTHS)[number]

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

export const TEMPLATE_STATES = ['draft', 'approved', 'archived'] as const
export type TemplateState = (typeof TEMPLATE_STATES)[number]

export const TEMPLATE_MEDIA_KINDS = ['photo', 'video', 'animation', 'document', 'audio', 'voice'] as const
export type TemplateMediaKind = (typeof TEMPLATE_MEDIA_KINDS)[number]

/** What a text may say of whoever reads it or sends it, as `{{first_name|fallback}}`; beside these stand `attr.…` and `personal:…`. */
export const TEMPLATE_VARIABLES = ['first_name', 'last_name', 'name', 'username', 'sender', 'opt_out'] as const
export type TemplateVariable = (typeof TEMPLATE_VARIABLES)[number]

export const CAMPAIGN_KINDS = ['announcement', 'promo', 'broadcast', 'drip'] as const
export type CampaignKind = (typeof CAMPAIGN_KINDS)[number]

export const CAMPAIGN_STATES = ['draft', 'in_review', 'running', 'paused', 'completed', 'cancelled'] as const
export type CampaignState = (typeof CAMPAIGN_STATES)[number]

/** What a campaign is to bring about. `revenue` is counted in minor units, the others in people. */
export const CAMPAIGN_GOALS = ['response', 'click', 'order', 'join', 'revenue'] as const
export type CampaignGoalKind = (typeof CAMPAIGN_GOALS)[number]

/** What a person can do on their way through a drip that ends it for them. An opt-out always does. */
export const DRIP_EVENTS = ['answer', 'order', 'opt_out', 'handed_over'] as const
export type DripEvent = (typeof DRIP_EVENTS)[number]

/** Where a person stands in a drip. */
export const DRIP_STATES = ['active', 'done', 'stopped'] as const
export type DripState = (typeof DRIP_STATES)[number]

/** What people do with a post in a group or channel. */
export const POST_RESPONSES = ['reaction', 'reply', 'click'] as const
export type PostResponseKind = (typeof POST_RESPONSES)[number]

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
export const DELIVERY_SOURCES = ['campaign', 'strategy', 'reply', 'system', 'rule', 'post', 'order'] as const
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
  'chat_left',
  'no_right_to_post',
  'group_invite_cooldown',
  'invite_refused',
  'ai_silenced',
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

/** What follows when spam is found in a group. `hold`: whoever wrote it may not write until a person decides. */
export const GROUP_ACTIONS = ['log', 'hold', 'delete', 'restrict'] as const
export type GroupAction = (typeof GROUP_ACTIONS)[number]

/** How closely groups are watched. */
export const SPAM_LEVELS = ['basic', 'advanced', 'custom'] as const
export type SpamLevel = (typeof SPAM_LEVELS)[number]

/** Limits of sending that a tenant may hold tighter for itself than its package does. */
export const OWN_LIMITS = [
  'perMinuteMax',
  'groupPostCooldownSeconds',
  'outreachHourlyMax',
  'outreachDailyMax',
  'outreachCooldownMinutes',
] as const
export type OwnLimit = (typeof OWN_LIMITS)[number]

/** What an account does in a chat besides writing. */
export const GROUP_ACT_KINDS = [
  'delete',
  'restrict',
  'hold',
  'lift',
  'ban',
  'unban',
  'approve',
  'decline',
  'delete_own',
  'pin',
] as const
export type GroupActKind = (typeof GROUP_ACT_KINDS)[number]

/** `spared`: whom it would have met is an administrator, or is there no more. */
export const GROUP_ACT_STATES = ['wanted', 'done', 'spared', 'failed'] as const
export type GroupActState = (typeof GROUP_ACT_STATES)[number]

/** Whose requests to join are granted without a person: `own_link` by a link that was made here. */
export const JOIN_ADMISSIONS = ['nobody', 'all', 'contacts', 'own_link', 'premium'] as const
export type JoinAdmission = (typeof JOIN_ADMISSIONS)[number]

export const JOIN_REQUEST_STATES = [
  'waiting',
  'approving',
  'declining',
  'approved',
  'declined',
  'elsewhere',
  'failed',
] as const
export type JoinRequestState = (typeof JOIN_REQUEST_STATES)[number]

export const GROUP_POST_STATES = ['active', 'paused', 'ended'] as const
export type GroupPostState = (typeof GROUP_POST_STATES)[number]

/** Why a post did not go out at its time, or why it is paused; beside these stand the guard's and Telegram's reasons. */
export const GROUP_POST_FAULTS = [
  'by_hand',
  'posting_off',
  'chat_left',
  'not_installed',
  'too_late',
  'template_gone',
] as const
export type GroupPostFault = (typeof GROUP_POST_FAULTS)[number]

/** What is sold; terms are in server/modules/billing/catalogue.json. The terms of `custom` are agreed with the operator. */
export const PACKAGES = ['trial', 'starter', 'professional', 'enterprise', 'custom'] as const
export type PackageName = (typeof PACKAGES)[number]

/** What is counted against a package. */
export const COUNTED = ['accounts', 'templates', 'groups', 'members', 'messages_month', 'messages_day'] as const
export type Counted = (typeof COUNTED)[number]

/** `grace`: the period is over and sending goes on for a few days. `cancelled`: works to the end of its period, then expires. */
export const SUBSCRIPTION_STATES = ['trial', 'active', 'grace', 'expired', 'cancelled'] as const
export type SubscriptionState = (typeof SUBSCRIPTION_STATES)[number]

/** How a period of a subscription came about. */
export const PERIOD_KINDS = ['trial', 'grant', 'purchase', 'renewal', 'change'] as const
export type PeriodKind = (typeof PERIOD_KINDS)[number]

/** How an account answers: by people alone, by drafts that people approve, or by itself. */
export const REPLY_MODES = ['manual', 'hybrid', 'ai'] as const
export type ReplyMode = (typeof REPLY_MODES)[number]

/** Where a conversation stands: `open` for somebody to answer, `waiting` for the contact. */
export const CONVERSATION_STATES = ['open', 'waiting', 'snoozed', 'closed'] as const
export type ConversationState = (typeof CONVERSATION_STATES)[number]

/** What a list of conversations is narrowed to besides states: whose they are, and what presses. */
export const CONVERSATION_OWNERS = ['me', 'nobody'] as const
export const CONVERSATION_URGENCIES = ['unread', 'overdue'] as const

/** What became of a model's draft. */
export const DRAFT_STATES = ['proposed', 'approved', 'edited', 'rejected', 'expired', 'superseded'] as const
export type DraftState = (typeof DRAFT_STATES)[number]

/** What a check had against a text that a model wrote; none of these leaves without a person. */
export const ANSWER_FINDINGS = [
  'empty',
  'too_long',
  'price',
  'percentage',
  'offer',
  'link',
  'number',
  'acceptable_use',
  'human_claim',
  'language',
  'prompt_echo',
] as const
export type AnswerFinding = (typeof ANSWER_FINDINGS)[number]

/** What became of a text that a model wrote into a personal slot; `failed` ones never leave. */
export const SLOT_STATES = ['proposed', 'approved', 'rejected', 'failed'] as const
export type SlotState = (typeof SLOT_STATES)[number]

/** Why a model gives a conversation to a person; `check` when what it wrote may not leave. */
export const AI_HAND_OVERS = [
  'asked_for_human',
  'sensitive_topic',
  'low_confidence',
  'model_asked',
  'model_unavailable',
  'check',
  'going_in_circles',
  'too_many_answers',
] as const
export type AiHandOver = (typeof AI_HAND_OVERS)[number]

/** What a contact may ask every account by command; a tenant's own commands shadow none of these. */
export const CONTACT_COMMANDS = [
  'start',
  'menu',
  'help',
  'yardim',
  'fiyat',
  'price',
  'insan',
  'human',
  'gizlilik',
  'privacy',
  'verilerim',
  'mydata',
  'sil',
  'erase',
  'stop',
  'dur',
  'davet',
  'invite',
  'puan',
  'points',
  'paysupport',
  'terms',
] as const
export type ContactCommand = (typeof CONTACT_COMMANDS)[number]

/** What is said to every account in a group by command: the group's rules. */
export const GROUP_COMMANDS = ['kurallar', 'rules'] as const

/** Where a rule listens. */
export const RULE_SCOPES = ['private', 'group'] as const
export type RuleScope = (typeof RULE_SCOPES)[number]

export const RULE_STATES = ['enabled', 'disabled', 'removed'] as const
export type RuleState = (typeof RULE_STATES)[number]

/** What comes of asking a rule: it fires, or why it does not. */
export const RULE_OUTCOMES = [
  'fires',
  'disabled',
  'other_place',
  'no_match',
  'not_addressed',
  'other_language',
  'other_segment',
  'tag_missing',
  'tag_present',
  'consent_missing',
  'contact_cooldown',
  'chat_cooldown',
  'group_cooldown',
  'daily_max',
  'after_match',
  'answered_already',
] as const
export type RuleOutcome = (typeof RULE_OUTCOMES)[number]

/** What a language model is asked for; budgets and the ledger of its use are kept by these. */
export const MODEL_PURPOSES = ['reply', 'segment', 'slot', 'assist'] as const
export type ModelPurpose = (typeof MODEL_PURPOSES)[number]

/** Whose model answers for a tenant: none, the installation's, or one at an address of the tenant's own. */
export const MODEL_MODES = ['off', 'installation', 'own'] as const
export type ModelMode = (typeof MODEL_MODES)[number]

/** Why a model gave no answer that can be used. Whoever asked goes on without one. */
export const MODEL_REFUSALS = [
  'off',
  'no_consent',
  'over_budget',
  'rate_limited',
  'circuit_open',
  'timeout',
  'unreachable',
  'rejected',
  'refused',
  'unusable',
] as const
export type ModelRefusal = (typeof MODEL_REFUSALS)[number]

/** How a question to a model ended. */
export const MODEL_ENDINGS = ['answered', 'cached', 'cancelled', ...MODEL_REFUSALS] as const
export type ModelEnding = (typeof MODEL_ENDINGS)[number]

/** How strongly the way into the groups is shown: in so many places, never more often to the same person. */
export const GROUP_INTENSITIES = ['none', 'simple', 'intense', 'very_intense'] as const
export type GroupIntensity = (typeof GROUP_INTENSITIES)[number]

/** Where a setting comes from: what is sold, what the tenant chose for all its accounts, what was chosen for this one. */
export const SETTING_LAYERS = ['package', 'tenant', 'account'] as const
export type SettingLayer = (typeof SETTING_LAYERS)[number]

/** What a persona says, part by part. */
export const PERSONA_FIELDS = [
  'displayName',
  'tone',
  'style',
  'language',
  'facts',
  'doNots',
  'greeting',
  'menu',
  'sampleReplies',
] as const

/** What a person is within a tenant; what each may do is in server/modules/tenancy/access.rules.ts. */
export const MEMBER_ROLES = ['owner', 'admin', 'agent', 'analyst', 'billing'] as const
export type MemberRole = (typeof MEMBER_ROLES)[number]

/** What somebody wants of support: help, to buy, their data gone, or a word about a payment. */
export const TICKET_KINDS = ['support', 'sales', 'deletion', 'payment'] as const
export type TicketKind = (typeof TICKET_KINDS)[number]

/** `answered`: the next word is the asker's. */
export const TICKET_STATES = ['open', 'answered', 'closed'] as const
export type TicketState = (typeof TICKET_STATES)[number]

export const TICKET_PRIORITIES = ['normal', 'high'] as const
export type TicketPriority = (typeof TICKET_PRIORITIES)[number]

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

/** What it takes to begin, in its order. */
export const START_STEPS = ['package', 'payment', 'account', 'segment', 'test'] as const
export type StartStep = (typeof START_STEPS)[number]

/** `waiting`: the person has done their part, and somebody else is to do theirs. */
export const START_STATES = ['done', 'waiting', 'open'] as const
export type StartState = (typeof START_STATES)[number]

/** What kind of stage somebody is at on the way to buying, whatever a funnel calls it. */
export const FUNNEL_STAGE_KINDS = [
  'none',
  'interested',
  'offered',
  'payment_pending',
  'paid',
  'delivered',
  'lost',
] as const
export type FunnelStageKind = (typeof FUNNEL_STAGE_KINDS)[number]

/** From an order to what was bought; the last three are ends. */
export const ORDER_STATES = [
  'created',
  'payment_pending',
  'paid',
  'fulfilled',
  'cancelled',
  'expired',
  'refunded',
] as const
export type OrderState = (typeof ORDER_STATES)[number]

/** How an order is paid: Stars inside Telegram, a link, or a transfer between banks. */
export const ORDER_WAYS = ['stars', 'link', 'transfer'] as const
export type OrderWay = (typeof ORDER_WAYS)[number]

/** Why a member has to look at an order. */
export const ORDER_REVIEW_REASONS = [
  'by_hand',
  'paid_twice',
  'paid_late',
  'amount_mismatch',
  'foreign_payer',
  'delivery_failed',
  'refund_failed',
] as const
export type OrderReviewReason = (typeof ORDER_REVIEW_REASONS)[number]

export const PRODUCT_KINDS = ['digital', 'physical'] as const
export type ProductKind = (typeof PRODUCT_KINDS)[number]

/** What is handed over once an order is paid; `hand` asks a member. */
export const FULFILMENTS = ['text', 'file', 'link', 'hand'] as const
export type Fulfilment = (typeof FULFILMENTS)[number]

/** Who may enter by an invite link: one person, whoever an administrator lets in, or anybody. */
export const LINK_ADMISSIONS = ['limited', 'request', 'open'] as const
export type LinkAdmission = (typeof LINK_ADMISSIONS)[number]

/** wanted → making → made → ending → revoked; `failed` when Telegram would not make it. */
export const INVITE_LINK_STATES = ['wanted', 'making', 'made', 'failed', 'ending', 'revoked'] as const
export type InviteLinkState = (typeof INVITE_LINK_STATES)[number]

export const INVITE_BATCH_STATES = ['proposed', 'approved', 'rejected', 'expired'] as const
export type InviteBatchState = (typeof INVITE_BATCH_STATES)[number]

export const INVITE_PROPOSAL_STATES = ['waiting', 'invited', 'skipped'] as const
export type InviteProposalState = (typeof INVITE_PROPOSAL_STATES)[number]

/** Why an approved proposal was not sent after all. */
export const INVITE_SKIPS = [
  'already_member',
  'removed_from_chat',
  'invite_refused',
  'already_invited',
  'membership_unknown',
  'not_found',
  'other',
] as const
export type InviteSkip = (typeof INVITE_SKIPS)[number]

/** Where a newcomer stands whom somebody brought: they count once they stayed and acted. */
export const REFERRAL_STATES = ['waiting', 'counted', 'refused', 'lapsed'] as const
export type ReferralState = (typeof REFERRAL_STATES)[number]

/** Lines of the ledger of points. */
export const POINT_ENTRIES = ['referral', 'redeemed', 'merged', 'erased'] as const
export type PointEntryKind = (typeof POINT_ENTRIES)[number]

/** What programs of a tenant can be told by webhook. `webhook.test` is sent when somebody asks for it. */
export const WEBHOOK_KINDS = [
  'contact.created',
  'contact.answered',
  'contact.stopped',
  'contact.blocked',
  'contact.joined_group',
  'consent.changed',
  'segments.changed',
  'message.sent',
  'message.failed',
  'campaign.started',
  'campaign.finished',
  'conversation.opened',
  'conversation.handed_over',
  'conversation.overdue',
  'conversation.closed',
  'order.created',
  'order.paid',
  'order.fulfilled',
  'order.cancelled',
  'order.refunded',
  'account.linked',
  'account.lost',
] as const
export type WebhookKind = (typeof WEBHOOK_KINDS)[number]

/** `disabled`: the server gave up on it. */
export const WEBHOOK_STATES = ['active', 'paused', 'disabled'] as const
export type WebhookState = (typeof WEBHOOK_STATES)[number]

/** Why the server gave up: the endpoint says that it is gone, or it failed for days. */
export const WEBHOOK_DISABLINGS = ['gone', 'failing'] as const
export type WebhookDisabling = (typeof WEBHOOK_DISABLINGS)[number]

export const WEBHOOK_DELIVERY_STATES = ['waiting', 'delivered', 'failed'] as const
export type WebhookDeliveryState = (typeof WEBHOOK_DELIVERY_STATES)[number]

/** Why a call to an endpoint brought no answer. `private_address`: it leads into a network that is not public. */
export const WEBHOOK_FAULTS = ['timeout', 'unreachable', 'private_address', 'certificate'] as const
export type WebhookFault = (typeof WEBHOOK_FAULTS)[number]

/** Screens of the panel that each person arranges for themselves. */
export const LAYOUT_SCREENS = ['overview'] as const
export type LayoutScreen = (typeof LAYOUT_SCREENS)[number]

/** The parts of the overview. */
export const OVERVIEW_WIDGETS = ['figures', 'warnings', 'today', 'trend', 'next', 'campaigns'] as const
export type OverviewWidget = (typeof OVERVIEW_WIDGETS)[number]

export const WIDGET_WIDTHS = ['half', 'full'] as const
export type WidgetWidth = (typeof WIDGET_WIDTHS)[number]

/** What waits for a person, for the overview. */
export const ATTENTION_KINDS = [
  'sending_stopped',
  'overdue',
  'drafts',
  'account_held',
  'account_strained',
  'payment_due',
  'nearly_used',
] as const
export type AttentionKind = (typeof ATTENTION_KINDS)[number]

/** How many days back reports look. */
export const REPORT_DAYS = [7, 30, 90] as const
export type ReportDays = (typeof REPORT_DAYS)[number]
