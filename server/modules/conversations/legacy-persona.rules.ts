import { z } from 'zod'

import type { GroupIntensity, ReplyMode } from '#contract/words.ts'

import { type AccountSettings, placementsOf } from './account-setting.rules.ts'
import { parseShape } from '#server/base/parse-shape.ts'

/** Why a field of a file is not taken over; a word of `words:personaIgnored`. */
export type IgnoredReason =
  | 'one_kind'
  | 'from_subscription'
  | 'from_package'
  | 'from_reply_mode'
  | 'from_frequency'
  | 'people_elsewhere'
  | 'never_sent'
  | 'tenant_wide'
  | 'over_package'

const word = z.string().max(200)
const scalar = z.union([z.string().max(200), z.number(), z.boolean(), z.null()])

const MODES: Readonly<Record<string, ReplyMode>> = {
  manual: 'manual',
  manualplus: 'manual',
  off: 'manual',
  hybrid: 'hybrid',
  ai: 'ai',
  gpt: 'ai',
  gpt_only: 'ai',
  full_ai: 'ai',
}

const INTENSITIES: Readonly<Record<string, GroupIntensity>> = {
  conservative: 'simple',
  simple: 'simple',
  moderate: 'intense',
  aggressive: 'intense',
  very_aggressive: 'very_intense',
}

const LIRA = /^\s*(\d{1,7})(?:[.,](\d{1,2}))?\s*(?:₺|tl|try)?\s*$/i

const wordOf = (words: Readonly<Record<string, unknown>>) =>
  z.string().refine((given) => Object.hasOwn(words, given), {
    params: { code: 'unknown_word', params: { allowed: Object.keys(words).join(', ') } },
  })

/** The legacy file, field by field: what is not named here is not taken. */
const legacySchema = z.strictObject({
  username: z.string().trim().min(1).max(64),
  type: word.optional(),
  customer_status: word.optional(),
  customer_info: z
    .strictObject({
      customer_username: scalar.optional(),
      customer_user_id: scalar.optional(),
      package_type: scalar.optional(),
      package_name: scalar.optional(),
      package_price: scalar.optional(),
      bot_limits: scalar.optional(),
      support_level: scalar.optional(),
      activated_at: scalar.optional(),
      expires_at: scalar.optional(),
    })
    .optional(),
  reply_mode: wordOf(MODES).optional(),
  gpt_enhanced: z.boolean().optional(),
  gpt_mode: word.optional(),
  vip_price: z
    .union([z.number(), z.string()])
    .refine((given) => LIRA.test(String(given)), {
      params: { code: 'field_form', params: { example: '300' } },
    })
    .optional(),
  autospam: z.boolean().optional(),
  bot_config: z
    .strictObject({
      dm_invite_enabled: z.boolean().optional(),
      dm_invite_chance: z.number().min(0).max(1).optional(),
      spam_protection_type: word.optional(),
      max_messages_per_minute: z.number().optional(),
      group_invite_aggressive: z.boolean().optional(),
      group_invite_frequency: wordOf(INTENSITIES).optional(),
      analytics_enabled: z.boolean().optional(),
      custom_funnel_enabled: z.boolean().optional(),
    })
    .optional(),
})

/** Fields that something else decides now, and what. */
const IGNORED: Readonly<Record<string, IgnoredReason>> = {
  type: 'one_kind',
  customer_status: 'from_subscription',
  'customer_info.customer_username': 'people_elsewhere',
  'customer_info.customer_user_id': 'people_elsewhere',
  'customer_info.package_type': 'from_subscription',
  'customer_info.package_name': 'from_subscription',
  'customer_info.package_price': 'from_subscription',
  'customer_info.bot_limits': 'from_subscription',
  'customer_info.support_level': 'from_subscription',
  'customer_info.activated_at': 'from_subscription',
  'customer_info.expires_at': 'from_subscription',
  gpt_enhanced: 'from_reply_mode',
  gpt_mode: 'from_reply_mode',
  autospam: 'never_sent',
  'bot_config.spam_protection_type': 'tenant_wide',
  'bot_config.max_messages_per_minute': 'from_package',
  'bot_config.group_invite_aggressive': 'from_frequency',
  'bot_config.analytics_enabled': 'from_package',
  'bot_config.custom_funnel_enabled': 'from_package',
}

const flatten = (value: object, prefix = ''): readonly string[] =>
  Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === 'object' && inner !== null ? flatten(inner as object, `${prefix}${key}.`) : [`${prefix}${key}`],
  )

const minorOf = (lira: string | number): number => {
  const [, whole = '0', cents = ''] = LIRA.exec(String(lira)) ?? []
  return Number(whole) * 100 + Number(cents.padEnd(2, '0'))
}

export interface IgnoredField {
  readonly field: string
  readonly reason: IgnoredReason
}

/** Which field of a file each setting came from. */
export type SettingSources = Readonly<Partial<Record<keyof AccountSettings, string>>>

export interface ReadLegacy {
  readonly displayName: string
  readonly settings: Partial<AccountSettings>
  readonly sources: SettingSources
  readonly ignored: readonly IgnoredField[]
}

/**
 * A legacy persona file: its name and settings, and every other field with the reason why it is left out. Errors:
 * `invalid` naming the field and the fix.
 */
export const readLegacyPersona = (given: unknown): ReadLegacy => {
  const file = parseShape(legacySchema, given)
  const {
    dm_invite_enabled: mayInvite,
    dm_invite_chance: chance,
    group_invite_frequency: frequency,
  } = file.bot_config ?? {}
  const replyMode = file.reply_mode === undefined ? undefined : MODES[file.reply_mode]
  const intensity = frequency === undefined ? undefined : INTENSITIES[frequency]
  const ratio = mayInvite === false ? 0 : chance
  return {
    displayName: file.username,
    settings: {
      ...(replyMode !== undefined && { replyMode }),
      ...(ratio !== undefined && { inviteRatio: ratio }),
      ...(intensity !== undefined && { groupPlacements: placementsOf(intensity) }),
      ...(file.vip_price !== undefined && { productPriceMinor: minorOf(file.vip_price), productCurrency: 'TRY' }),
    },
    sources: {
      replyMode: 'reply_mode',
      inviteRatio: mayInvite === false ? 'bot_config.dm_invite_enabled' : 'bot_config.dm_invite_chance',
      groupPlacements: 'bot_config.group_invite_frequency',
      productPriceMinor: 'vip_price',
      productCurrency: 'vip_price',
    },
    ignored: flatten(file).flatMap((field) => {
      const reason = IGNORED[field]
      return reason === undefined ? [] : [{ field, reason }]
    }),
  }
}
