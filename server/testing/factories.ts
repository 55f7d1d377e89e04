import type { ConsentPurpose, PackageName, Reachability } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import { DAY_MS } from '#server/base/duration.ts'
import type { Db } from '#server/db/pool.ts'
import { fingerprint } from '#server/modules/templates/index.ts'

/** 2026-06-01 09:00 UTC, noon in Istanbul: inside the default sending hours. */
export const NOON = Date.UTC(2026, 5, 1, 9)

/** Somebody who may do everything within a tenant. */
export const ownerAt = (at: number) => ({ by: 'test', access: { kind: 'member', role: 'owner' }, at }) as const

let serial = 0
const nextSerial = () => (serial += 1)

export interface TenantOptions {
  readonly timeZone?: string
  readonly at?: number
  /** `custom`, which limits nothing, unless told otherwise. */
  readonly package?: PackageName
  readonly limits?: Partial<{
    readonly daily_messages_max: number | null
    readonly monthly_messages_max: number | null
    readonly per_minute_max: number | null
    readonly outreach_hourly_max: number | null
    readonly outreach_daily_max: number | null
    readonly outreach_cooldown_minutes: number
    readonly group_post_cooldown_seconds: number
    readonly quiet_from_hour: number
    readonly quiet_to_hour: number
    readonly warm_up: boolean
  }>
}

/** A tenant that is 60 days old, may work without an end and, unless told otherwise, has no limits of its own. */
export const createTenant = async (db: Db, options: TenantOptions = {}): Promise<number> => {
  const at = options.at ?? NOON
  const { id } = await db
    .insertInto('tenant')
    .values({
      slug: `tenant-${process.pid}-${nextSerial()}`,
      name: 'Deneme Mağazası',
      sender_name: 'Deneme',
      time_zone: options.timeZone ?? 'Europe/Istanbul',
      observe_until: toDate(at - 59 * DAY_MS),
      created_at: toDate(at - 60 * DAY_MS),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('tenant_limits')
    .values({
      tenant_id: id,
      package: options.package ?? 'custom',
      daily_messages_max: null,
      monthly_messages_max: null,
      per_minute_max: null,
      outreach_hourly_max: null,
      outreach_daily_max: null,
      warm_up: false,
      ...options.limits,
    })
    .execute()
  await db
    .insertInto('subscription')
    .values({
      tenant_id: id,
      package: options.package ?? 'custom',
      state: 'active',
      catalogue_version: 1,
      period_starts_at: toDate(at - 60 * DAY_MS),
      changed_at: toDate(at),
    })
    .execute()
  return id
}

/** A bot account with a meaningless sealed token; tests that open it seal their own. */
export const createAccount = async (
  db: Db,
  tenantId: number,
  options: { readonly linkedAt?: number } = {},
): Promise<number> => {
  const n = nextSerial()
  const { id } = await db
    .insertInto('account')
    .values({
      tenant_id: tenantId,
      kind: 'bot',
      telegram_id: 7_000_000_000 + process.pid * 1_000 + n,
      display_name: `Bot ${n}`,
      username: `deneme_${n}_bot`,
      token_sealed: Buffer.from([0]),
      webhook_key: `key-${process.pid}-${n}`,
      webhook_secret_sealed: Buffer.from([0]),
      linked_at: toDate(options.linkedAt ?? NOON - 60 * DAY_MS),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

/** A person's own account, with an empty session. */
export const createUserAccount = async (db: Db, tenantId: number): Promise<number> => {
  const n = nextSerial()
  const session = await db
    .insertInto('user_session')
    .values({ tenant_id: tenantId, created_at: toDate(NOON) })
    .returning('id')
    .executeTakeFirstOrThrow()
  const { id } = await db
    .insertInto('account')
    .values({
      tenant_id: tenantId,
      kind: 'user',
      linked_by: 'session',
      session_id: session.id,
      telegram_id: 8_000_000_000 + process.pid * 1_000 + n,
      display_name: `Kişi ${n}`,
      update_mode: 'off',
      webhook_key: `user-key-${process.pid}-${n}`,
      webhook_secret_sealed: Buffer.from([0]),
      linked_at: toDate(NOON - 60 * DAY_MS),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export interface BusinessAccountOptions {
  /** The bot it speaks through; one of the tenant's own is made when left out. */
  readonly viaAccountId?: number
  readonly ownerTelegramId?: number
  readonly connectionId?: string
  readonly rights?: readonly string[]
}

/** A business account that may reply, through a bot of the same tenant. */
export const createBusinessAccount = async (
  db: Db,
  tenantId: number,
  options: BusinessAccountOptions = {},
): Promise<number> => {
  const viaAccountId = options.viaAccountId ?? (await createAccount(db, tenantId))
  const n = nextSerial()
  const ownerId = options.ownerTelegramId ?? 900_000_000 + process.pid * 1_000 + n
  const { id } = await db
    .insertInto('account')
    .values({
      tenant_id: tenantId,
      kind: 'business',
      linked_by: 'business',
      telegram_id: ownerId,
      owner_telegram_id: ownerId,
      via_account_id: viaAccountId,
      business_connection_id: options.connectionId ?? `connection-${process.pid}-${n}`,
      business_rights: [...(options.rights ?? ['can_reply'])],
      display_name: `Sahip ${n}`,
      update_mode: 'off',
      webhook_key: `business-${process.pid}-${n}`,
      webhook_secret_sealed: Buffer.from([0]),
      linked_at: toDate(NOON - 60 * DAY_MS),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}

export interface ContactOptions {
  readonly at?: number
  readonly telegramId?: number
  readonly firstName?: string
  /** The account that knows the person and how far it reaches; none by default. */
  readonly accountId?: number
  readonly reachability?: Reachability
  readonly consents?: readonly ConsentPurpose[]
  readonly tags?: readonly string[]
}

/** A contact with an empty feature row, and, with `accountId`, reachable through it. */
export const createContact = async (db: Db, tenantId: number, options: ContactOptions = {}): Promise<number> => {
  const at = toDate(options.at ?? NOON - 30 * DAY_MS)
  const { id } = await db
    .insertInto('contact')
    .values({
      tenant_id: tenantId,
      telegram_id: options.telegramId ?? 100_000 + process.pid * 10_000 + nextSerial(),
      first_name: options.firstName ?? 'Ayşe',
      tags: [...(options.tags ?? [])],
      first_seen_at: at,
      last_seen_at: at,
      created_at: at,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('contact_feature')
    .values({ tenant_id: tenantId, contact_id: id, first_seen_at: at, last_seen_at: at })
    .execute()
  if (options.accountId !== undefined) {
    await db
      .insertInto('contact_account')
      .values({
        tenant_id: tenantId,
        contact_id: id,
        account_id: options.accountId,
        reachability: options.reachability ?? 'reachable',
        started_at: at,
        last_inbound_at: at,
        changed_at: at,
      })
      .execute()
  }
  for (const purpose of options.consents ?? []) await grantConsent(db, tenantId, id, purpose, at)
  return id
}

const grantConsent = async (db: Db, tenantId: number, contactId: number, purpose: ConsentPurpose, at: Date) => {
  const ledger = await db
    .insertInto('consent_ledger')
    .values({
      tenant_id: tenantId,
      contact_id: contactId,
      purpose,
      granted: true,
      text_version: 'test-1',
      source: 'test',
      at,
      recorded_at: at,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  await db
    .insertInto('contact_consent')
    .values({
      tenant_id: tenantId,
      contact_id: contactId,
      purpose,
      granted: true,
      ledger_id: ledger.id,
      changed_at: at,
    })
    .execute()
}

export interface DeliveryOptions {
  readonly accountId: number
  readonly contactId: number | null
  readonly chatId: number
  readonly messageClass?: 'reply' | 'transactional' | 'commercial'
  readonly text?: string
  readonly isOutreach?: boolean
  readonly isHoldout?: boolean
  readonly priority?: number
  readonly dueAt?: number
  readonly expiresAt?: number
  readonly campaignId?: number
  readonly inviteChatId?: number
  readonly strategy?: { readonly cooldownHours: number; readonly maxPerDay: number }
  /** Already reserved at this instant, and sent: history for the caps. */
  readonly sentAt?: number
}

/** A planned delivery that carries its own text; with `sentAt` one that has been sent. */
export const createDelivery = async (db: Db, tenantId: number, options: DeliveryOptions): Promise<number> => {
  const n = nextSerial()
  const dueAt = options.dueAt ?? NOON
  const text = options.text ?? `Merhaba ${n}`
  const { id } = await db
    .insertInto('delivery')
    .values({
      tenant_id: tenantId,
      account_id: options.accountId,
      contact_id: options.contactId,
      chat_id: options.chatId,
      source: 'system',
      message_class: options.messageClass ?? 'commercial',
      campaign_id: options.campaignId ?? null,
      content: JSON.stringify({ text }),
      is_outreach: options.isOutreach ?? false,
      is_holdout: options.isHoldout ?? false,
      priority: options.priority ?? 10,
      due_at: toDate(dueAt),
      expires_at: options.expiresAt === undefined ? null : toDate(options.expiresAt),
      invite_chat_id: options.inviteChatId ?? null,
      strategy_cooldown_hours: options.strategy?.cooldownHours ?? null,
      strategy_max_per_day: options.strategy?.maxPerDay ?? null,
      dedupe_key: `test-${process.pid}-${n}`,
      planned_at: toDate(dueAt),
      ...(options.sentAt !== undefined && {
        state: 'sent',
        reserved_at: toDate(options.sentAt),
        finished_at: toDate(options.sentAt),
        telegram_message_id: n,
        content_hash: fingerprint(text),
        attempt_count: 1,
      }),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return id
}
