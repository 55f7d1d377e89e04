import type { ReplyMode } from '#contract/words.ts'
import { MINUTE_MS } from '#server/base/duration.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { together } from '#server/db/together.ts'
import { consentTextVersion } from '#server/modules/contacts/index.ts'
import { type ReplyInput, createReplies } from '#server/modules/delivery/index.ts'
import { escapeText } from '#server/modules/templates/index.ts'

import { findAllEffectiveSettings } from '../find-voice.ts'
import { handOverConversation } from '../inbox/hand-over-conversation.ts'
import { saveAnswer } from '../inbox/conversation.store.ts'
import type { AnswerDeps } from './answer-deps.ts'
import { type ConversationContext, saveDisclosures, selectContexts } from './context.store.ts'
import { insertDrafts } from './draft.store.ts'
import { nextFollowUp } from './follow-up.rules.ts'
import type { GatheredTurn } from './gather-turns.ts'
import type { TurnResult } from './turn-result.rules.ts'
import { type TurnOutcome, silenceOf } from './turn.rules.ts'
import { type TurnEnd, insertFollowUps, lockTurns, saveTurnEnds } from './turn.store.ts'

/** What was thought out, beside what it was thought out from. */
export interface Finished {
  readonly gathered: GatheredTurn
  readonly result: TurnResult
}

/** A reminder that has not left by then comes too late, and must not slip into quiet hours. */
const FOLLOW_UP_LIFE_MS = 10 * MINUTE_MS

interface Writing {
  readonly replies: ReplyInput[]
  readonly ends: TurnEnd[]
  readonly disclosed: number[]
  readonly answered: number[]
}

type Texts = AnswerDeps['translator']

/**
 * Writes what was thought out for turns of the transaction's tenant. What no longer holds is thrown away: a turn that a
 * newer message changed or another process took, a conversation that a person took over, a contact who said stop, a mode
 * that was changed. Locks the conversations, the lowest first, then their turns.
 */
export const finishTurns = async (
  tx: TenantTx,
  finished: readonly Finished[],
  { translator, now }: { readonly translator: Texts; readonly now: number },
): Promise<void> => {
  const turns = finished.map(({ result }) => result.turn)
  const accountIds = [...new Set(turns.map(({ accountId }) => accountId))]
  const conversationIds = turns.map(({ conversationId }) => conversationId)
  const [contexts, ours, settings] = await together(tx, (side) => [
    selectContexts(side, conversationIds, true),
    lockTurns(side, turns),
    findAllEffectiveSettings(side, accountIds, now),
  ])
  const writing: Writing = { replies: [], ends: [], disclosed: [], answered: [] }
  const sent: Finished[] = []
  const drafted: Finished[] = []
  for (const item of finished) {
    const context = contexts.get(item.result.turn.conversationId)
    if (!context || !ours.has(item.result.turn.id)) continue
    const mode = settings.get(item.result.turn.accountId)?.replyMode ?? 'manual'
    const overtaken = overtakenBy(item, context, mode, now)
    if (overtaken !== null) writing.ends.push(overtaken)
    else await write(tx, item, context, { writing, sent, drafted, translator, now })
  }
  await createReplies(tx, writing.replies)
  await insertDrafts(tx, drafted.map(newDraft(now)), now)
  await saveTurnEnds(tx, writing.ends, now)
  await saveDisclosures(tx, writing.disclosed, now)
  if (writing.answered.length > 0) await saveAnswer(tx, writing.answered, { by: 'automatic', at: now })
  await insertFollowUps(tx, sent.flatMap(followUpsOf))
}

const isOfModel = (result: TurnResult): boolean =>
  result.kind === 'draft' || (result.kind === 'send' && result.hash !== null)

/** How a turn ends whose result no longer holds; null while it does. */
const overtakenBy = (
  { gathered, result }: Finished,
  context: ConversationContext,
  mode: ReplyMode,
  now: number,
): TurnEnd | null => {
  const { conversation, isSuppressed, isReachable, hasConsent } = context
  const silence = silenceOf({ ...gathered.facts, mode, conversation, isSuppressed, isReachable }, now)
  if (silence !== null) return doneEnd(result, silence)
  if (isOfModel(result) && hasConsent !== true) return doneEnd(result, 'no_consent')
  // What was thought out for one mode is not what the other would have made of it.
  return mode === gathered.facts.mode ? null : againEnd(result, now)
}

interface WriteInput {
  readonly writing: Writing
  readonly sent: Finished[]
  readonly drafted: Finished[]
  readonly translator: Texts
  readonly now: number
}

const write = async (
  tx: TenantTx,
  item: Finished,
  context: ConversationContext,
  { writing, sent, drafted, translator, now }: WriteInput,
): Promise<void> => {
  const { gathered, result } = item
  const { turn } = result
  const t = translator(gathered.locale)
  const sender = escapeText(gathered.voice.senderName)
  const say = (key: string, over: Partial<ReplyInput> & Pick<ReplyInput, 'text'>) =>
    writing.replies.push(replyTo(turn, context, { key, at: now }, over))
  switch (result.kind) {
    case 'send': {
      const life = turn.kind === 'follow_up' ? { expiresAt: now + FOLLOW_UP_LIFE_MS } : {}
      say('answer', { text: result.html, source: 'reply', isAi: true, ...life })
      writing.ends.push({
        ...doneEnd(result, 'sent'),
        answerHash: result.hash,
        confidenceRatio: result.confidenceRatio,
      })
      if (result.isDisclosing) writing.disclosed.push(turn.conversationId)
      writing.answered.push(turn.conversationId)
      sent.push(item)
      return
    }
    case 'draft': {
      const { holdingMessage } = gathered.settings
      const { id, openedTurn } = context.conversation
      if (holdingMessage !== '')
        say('holding', { text: escapeText(holdingMessage), dedupeKey: `holding:${id}:${openedTurn}` })
      writing.ends.push(doneEnd(result, 'drafted'))
      drafted.push(item)
      return
    }
    case 'ask_consent': {
      const text = t('ai.consentQuestion', { sender })
      say(`consent:${turn.revision}`, { text, buttons: [consentButtons(t, text)] })
      writing.ends.push({ ...doneEnd(result, 'no_consent'), state: 'consent', outcome: null })
      return
    }
    case 'hand_over':
      await handOverConversation(tx, turn.conversationId, result.reason, now, judgedDetail(result.judged))
      say('handover', { text: t('ai.handOver', { sender }) })
      writing.ends.push(doneEnd(result, 'handed_over'))
      return
    case 'close':
      writing.ends.push(doneEnd(result, result.outcome))
      return
    case 'retry':
      writing.ends.push(againEnd(result, now + result.afterMs))
      return
    default:
      result satisfies never
  }
}

/** What the model's words were held back for, for whoever takes over. */
const judgedDetail = (judged: (TurnResult & { readonly kind: 'hand_over' })['judged']) =>
  judged && { confidenceRatio: judged.confidenceRatio, findings: judged.findings.join(' ') }

/** A yes or a no to the very text that is shown: its wording names the version. */
const consentButtons = (t: ReturnType<Texts>, text: string) => {
  const version = consentTextVersion('ai_processing', text)
  return (['ai_yes', 'ai_no'] as const).map((action) => ({
    text: t(`button.${action}`),
    action: `${action}:${version}`,
  }))
}

const replyTo = (
  turn: TurnResult['turn'],
  { telegramId }: ConversationContext,
  { key, at }: { readonly key: string; readonly at: number },
  over: Partial<ReplyInput> & Pick<ReplyInput, 'text'>,
): ReplyInput => ({
  accountId: turn.accountId,
  contactId: turn.contactId,
  chatId: telegramId ?? 0,
  source: 'system',
  messageClass: 'reply',
  dedupeKey: `turn:${turn.id}:${key}`,
  at,
  ...over,
})

const doneEnd = ({ turn }: TurnResult, outcome: TurnOutcome): TurnEnd => ({
  id: turn.id,
  state: 'done',
  outcome,
  answerHash: null,
  confidenceRatio: null,
  dueAt: null,
})

const againEnd = ({ turn }: TurnResult, dueAt: number): TurnEnd => ({
  id: turn.id,
  state: 'pending',
  outcome: null,
  answerHash: null,
  confidenceRatio: null,
  dueAt,
})

const newDraft =
  (now: number) =>
  ({ gathered, result }: Finished) => {
    if (result.kind !== 'draft') throw new Error('no draft')
    const { turn } = result
    return {
      turnId: turn.id,
      conversationId: turn.conversationId,
      accountId: turn.accountId,
      contactId: turn.contactId,
      text: result.html,
      language: result.language,
      confidenceRatio: result.confidenceRatio,
      intent: result.intent,
      findings: result.findings,
      seenMessageId: result.seenMessageId,
      model: result.model,
      promptVersion: result.promptVersion,
      expiresAt: now + gathered.settings.draftLifeMinutes * MINUTE_MS,
    }
  }

const followUpsOf = ({ gathered, result }: Finished) => {
  const { turn } = result
  if (!gathered.facts.sendsFollowUps) return []
  const next = nextFollowUp(turn.followUpNumber, turn.askedAt, gathered.quietUntil)
  return next ? [{ turn, ...next }] : []
}
