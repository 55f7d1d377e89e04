import { invalid } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { getSubscription, lockSubscription, requireFeature } from '#server/modules/billing/index.ts'
import { recordAudit } from '#server/modules/tenancy/index.ts'

import { getChat } from './find-chat.ts'
import {
  type LimitsInForce,
  type StoredProtection,
  findChatTuning,
  findLimits,
  findProtection,
  insertProtection,
  lockProtection,
  saveChatTuning,
  saveOwnLimits,
} from './protection.store.ts'
import {
  OWN_LIMITS,
  type OwnLimits,
  SPAM_LEVELS,
  type SpamLevel,
  type SpamParameters,
  type SpamTuning,
  checkTuning,
  checkWords,
  effectiveLevel,
  parametersOf,
  requireTerm,
} from './spam-level.rules.ts'

/** Who changes protection, as the audit log names them, and when (epoch ms). */
export interface ProtectionActor {
  readonly by: string
  readonly at: number
}

export interface Protection {
  readonly version: number
  readonly chosenLevel: SpamLevel
  /** The level that holds: a smaller package makes it lower and forgets nothing. */
  readonly level: SpamLevel
  /** What holds in every group, and the tenant's own part in it. */
  readonly parameters: SpamParameters
  readonly own: SpamTuning
  /** Beyond the words of the product. */
  readonly words: readonly string[]
  readonly limits: LimitsInForce
}

/** How the tenant is protected now. */
export const getProtection = async (tx: TenantTx): Promise<Protection> => {
  const { version, level: chosenLevel, parameters: own, words } = await findProtection(tx)
  const level = effectiveLevel(chosenLevel, (await getSubscription(tx)).package)
  return {
    version,
    chosenLevel,
    level,
    parameters: parametersOf(level, own, {}),
    own,
    words,
    limits: await findLimits(tx),
  }
}

export interface ProtectionChange {
  readonly level?: SpamLevel
  /** Stricter than the level's; replaces what was set. */
  readonly parameters?: Readonly<Record<string, unknown>>
  /** All of the tenant's own words. */
  readonly words?: readonly string[]
  /** Limits of sending tighter than the package's; null takes one back, what is left out stays. */
  readonly limits?: Partial<OwnLimits>
}

/**
 * Sets how the tenant is protected. Everything can be made stricter only: detection never falls below the floor, and of
 * the tenant's and the package's limit the smaller holds. Locks the subscription and the tenant's protection. Errors:
 * `limit_reached/package_feature`, `limit_reached/protection_level` naming what allows it, `invalid` with
 * `protection_bounds`, `protection_weaker`, `spam_word`, `unknown_word`.
 */
export const setProtectionLevel = async (
  tx: TenantTx,
  change: ProtectionChange,
  actor: ProtectionActor,
): Promise<Protection> => {
  await lockSubscription(tx)
  await lockProtection(tx)
  const before = await getProtection(tx)
  const level = await changeLevel(tx, before, change.level ?? before.chosenLevel, actor.at)
  const next: StoredProtection = {
    version: before.version + 1,
    level: change.level ?? before.chosenLevel,
    parameters: change.parameters === undefined ? before.own : checkTuning(change.parameters),
    words: change.words === undefined ? before.words : checkWords(change.words),
  }
  if (change.parameters !== undefined && Object.keys(next.parameters).length > 0)
    requireTerm('parameters', level, (terms) => terms.mayTune)
  if (change.words !== undefined) requireTerm('words', level, (terms) => terms.ownWordsMax >= next.words.length)
  const limits = mergeLimits(before, change.limits ?? {}, level)
  await insertProtection(tx, next, actor)
  await saveOwnLimits(tx, limits, actor.at)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: actor.by,
    action: 'protection.updated',
    target: `version:${next.version}`,
    detail: {
      'level.before': before.chosenLevel,
      'level.after': next.level,
      'parameters.before': JSON.stringify(before.own),
      'parameters.after': JSON.stringify(next.parameters),
      'words.before': before.words.length,
      'words.after': next.words.length,
      'limits.before': JSON.stringify(before.limits.own),
      'limits.after': JSON.stringify(limits),
    },
    at: actor.at,
  })
  return getProtection(tx)
}

/** The level that holds after the change; the lowest needs no package. */
const changeLevel = async (tx: TenantTx, before: Protection, wanted: SpamLevel, at: number): Promise<SpamLevel> => {
  if (!SPAM_LEVELS.includes(wanted)) throw invalid('unknown_word', 'level', { allowed: SPAM_LEVELS.join(', ') })
  if (wanted === before.chosenLevel) return before.level
  if (wanted !== 'basic') await requireFeature(tx, { tier: 'spam', level: wanted }, at)
  return wanted
}

const COOLDOWNS: ReadonlySet<keyof OwnLimits> = new Set(['groupPostCooldownSeconds', 'outreachCooldownMinutes'])
/** A year in minutes, and far beyond any package's number of messages. */
const LIMIT_MAX = 525_600

const mergeLimits = ({ limits }: Protection, change: Partial<OwnLimits>, level: SpamLevel): OwnLimits => {
  const stranger = Object.keys(change).find((name) => !OWN_LIMITS.some((known) => known === name))
  if (stranger !== undefined) throw invalid('unknown_word', stranger.slice(0, 40), { allowed: OWN_LIMITS.join(', ') })
  for (const field of OWN_LIMITS) {
    const value = change[field]
    if (value === undefined || value === null || value === limits.own[field]) continue
    requireTerm(field, level, (terms) => terms.ownLimits.includes(field))
    checkLimit(field, value, limits.ofPackage[field])
  }
  return { ...limits.own, ...change }
}

/** One message at least: to stop all sending there is a switch that says so. */
const checkLimit = (field: keyof OwnLimits, value: number, ofPackage: number | null): void => {
  if (!Number.isInteger(value) || value < 1 || value > LIMIT_MAX)
    throw invalid('whole_number_expected', field, { given: String(value), min: 1, max: LIMIT_MAX })
  if (ofPackage === null) return
  const isWeaker = COOLDOWNS.has(field) ? value < ofPackage : value > ofPackage
  if (isWeaker) throw invalid('protection_weaker', field, { given: value, limit: ofPackage })
}

export interface ChatProtection {
  readonly chatId: number
  readonly own: SpamTuning
  /** What holds in this group. */
  readonly parameters: SpamParameters
}

/** How one group is protected. Errors: `not_found`. */
export const getChatProtection = async (tx: TenantTx, chatId: number): Promise<ChatProtection> => {
  const chat = await getChat(tx, chatId)
  const [{ level, own }, ofChat] = [await getProtection(tx), await findChatTuning(tx, chat.id)]
  return { chatId: chat.id, own: ofChat, parameters: parametersOf(level, own, ofChat) }
}

/**
 * Makes detection in one group stricter than in the others; an empty tuning takes that back. Locks the tenant's
 * protection. Errors: `not_found`, `limit_reached/protection_level`, `invalid` with `protection_bounds`, `unknown_word`.
 */
export const setChatProtection = async (
  tx: TenantTx,
  input: { readonly chatId: number; readonly parameters: Readonly<Record<string, unknown>> },
  actor: ProtectionActor,
): Promise<ChatProtection> => {
  await lockProtection(tx)
  const before = await getChatProtection(tx, input.chatId)
  const tuning = checkTuning(input.parameters)
  const { level } = await getProtection(tx)
  if (Object.keys(tuning).length > 0) requireTerm('parameters', level, (terms) => terms.mayTuneChats)
  await saveChatTuning(tx, before.chatId, tuning, actor)
  await recordAudit(tx, {
    tenantId: tx.tenantId,
    actor: actor.by,
    action: 'protection.updated',
    target: `chat:${before.chatId}`,
    detail: { 'parameters.before': JSON.stringify(before.own), 'parameters.after': JSON.stringify(tuning) },
    at: actor.at,
  })
  return getChatProtection(tx, before.chatId)
}
