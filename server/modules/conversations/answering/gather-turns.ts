import { LOCALES, type Locale } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { together } from '#server/db/together.ts'
import { quietUntil } from '#server/modules/delivery/index.ts'
import { type Tenant, getOwnTenant } from '#server/modules/tenancy/index.ts'

import { ANSWERING_DEFAULTS } from '../account-setting.rules.ts'
import { type Voice, findVoices } from '../find-voice.ts'
import { findKnowledge } from '../knowledge/find-knowledge.ts'
import {
  type ConversationContext,
  type KeptMessage,
  findQuietHours,
  selectContexts,
  selectKnowing,
  selectRecentAnswers,
  selectRecentMessages,
} from './context.store.ts'
import type { PromptVoice, SaidMessage } from './reply-prompt.rules.ts'
import type { Turn, TurnFacts } from './turn.rules.ts'

/** Everything that answering one turn looks at, read in one go for all turns of a tenant. */
export interface GatheredTurn {
  readonly facts: TurnFacts
  readonly context: ConversationContext
  readonly voice: PromptVoice
  readonly settings: typeof ANSWERING_DEFAULTS | NonNullable<Voice['settings']>
  readonly personaVersion: number
  /** The contact's language, as far as their Telegram tells, else the tenant's. */
  readonly locale: Locale
  /** Oldest first. */
  readonly said: readonly SaidMessage[]
  readonly recentHashes: readonly number[]
  readonly quietUntil: (at: number) => number | null
}

/** So much of a conversation is shown to a model. */
const MESSAGES_MAX = 16
const PASSAGES_MAX = 4

const localeFor = (languageCode: string | null, tenant: Tenant): Locale =>
  LOCALES.find((locale) => locale === languageCode?.slice(0, 2).toLowerCase()) ?? tenant.locale

/**
 * What the turn answers, and before it what was said up to then. Telegram tells seconds and we tell milliseconds, so the
 * contact's newest words may seem older than our last: they come last all the same.
 */
const split = (said: readonly KeptMessage[], turn: Turn) => {
  const isAsked = ({ direction, at }: KeptMessage) =>
    turn.kind === 'answer' && direction === 'in' && at >= turn.openedAt
  return { before: said.filter((message) => !isAsked(message)), asked: said.filter(isAsked) }
}

const NO_VOICE: Voice = { persona: null, settings: null }

const voicesOf = async (
  tx: TenantTx,
  accountIds: readonly number[],
  now: number,
): Promise<ReadonlyMap<number, Voice>> => {
  const voices = await findVoices(tx, accountIds, now)
  return new Map(accountIds.map((id) => [id, voices.get(id) ?? NO_VOICE]))
}

const passagesFor = async (tx: TenantTx, turn: Turn, asked: readonly string[]): Promise<PromptVoice['passages']> =>
  (await findKnowledge(tx, turn.accountId, asked.join('\n').slice(0, 1_000), PASSAGES_MAX)).map((found) => ({
    title: found.heading ? `${found.source}, ${found.heading}` : found.source,
    text: found.text,
  }))

/** Reads what is needed for these turns of the transaction's tenant; a turn whose conversation is gone is left out. */
export const gatherTurns = async (
  tx: TenantTx,
  turns: readonly Turn[],
  now: number,
): Promise<readonly GatheredTurn[]> => {
  const ids = turns.map((turn) => turn.conversationId)
  const accountIds = [...new Set(turns.map((turn) => turn.accountId))]
  const [tenant, contexts, voices, recent, answers, knowing] = await together(tx, (side) => [
    getOwnTenant(side),
    selectContexts(side, ids, false),
    voicesOf(side, accountIds, now),
    selectRecentMessages(side, ids, MESSAGES_MAX),
    selectRecentAnswers(side, ids, now),
    selectKnowing(side, accountIds),
  ])
  const messages = Map.groupBy(recent, (m) => m.conversationId)
  const quiet = turns.some((turn) => voices.get(turn.accountId)?.settings?.sendsFollowUps)
    ? await findQuietHours(tx)
    : null
  const gathered: GatheredTurn[] = []
  for (const turn of turns) {
    const context = contexts.get(turn.conversationId)
    if (!context) continue
    const { persona, settings } = voices.get(turn.accountId) ?? NO_VOICE
    const { before, asked } = split(messages.get(turn.conversationId) ?? [], turn)
    const unanswered = asked.map(({ text }) => text)
    const quietFor = (at: number) =>
      quiet && quietUntil(at, context.timeZone ?? tenant.timeZone, { ...quiet, nightConsent: false })
    const passages = knowing.has(turn.accountId) && unanswered.length > 0 ? await passagesFor(tx, turn, unanswered) : []
    gathered.push({
      facts: {
        turn,
        mode: settings?.replyMode ?? 'manual',
        sendsFollowUps: settings?.sendsFollowUps ?? false,
        conversation: context.conversation,
        isSuppressed: context.isSuppressed,
        isReachable: context.isReachable,
        hasConsent: context.hasConsent,
        unanswered,
        isQuiet: quietFor(now) !== null,
      },
      context,
      voice: { persona, senderName: tenant.senderName, locale: tenant.locale, passages },
      settings: settings ?? ANSWERING_DEFAULTS,
      personaVersion: persona?.version ?? 0,
      locale: localeFor(context.languageCode, tenant),
      said: [...before, ...asked],
      recentHashes: answers.get(turn.conversationId) ?? [],
      quietUntil: quietFor,
    })
  }
  return gathered
}
