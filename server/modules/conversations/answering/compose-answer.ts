import type { Locale } from '#contract/words.ts'
import type { ModelAnswer, ModelQuestion } from '#server/modules/llm/index.ts'
import { escapeText, fingerprint } from '#server/modules/templates/index.ts'

import { type AnswerGround, checkAnswer, prepareGround } from './answer-check.rules.ts'
import type { AnswerDeps } from './answer-deps.ts'
import { judgeReply, retryModelAfter } from './answer-verdict.rules.ts'
import type { GatheredTurn } from './gather-turns.ts'
import { detectLanguage } from './language.rules.ts'
import {
  type ModelReply,
  REPLY_PROMPT,
  instructionsOf,
  localeOf,
  replyMessages,
  replySchema,
  replySystem,
} from './reply-prompt.rules.ts'
import { asksWhetherHuman } from './topics.rules.ts'
import { languagesOf } from './turn.rules.ts'
import type { TurnResult } from './turn-result.rules.ts'

/** A chat's answer is short; this is room for one that is not. */
const OUTPUT_TOKENS_MAX = 700

const questionOf = ({ facts, context, voice, said }: GatheredTurn): ModelQuestion<ModelReply> => ({
  tenantId: facts.turn.tenantId,
  purpose: 'reply',
  contactIds: [facts.turn.contactId],
  prompt: { ...REPLY_PROMPT, system: replySystem(voice) },
  messages: replyMessages(said, facts.turn.kind),
  secrets: [
    ...[context.firstName, context.lastName]
      .filter((name) => name.trim().length > 1)
      .map((text) => ({ text, placeholder: '[AD]' })),
    ...(context.username === null ? [] : [{ text: context.username, placeholder: '[KULLANICI]' }]),
  ],
  shape: { name: 'reply', schema: replySchema },
  outputTokensMax: OUTPUT_TOKENS_MAX,
})

/** Grounds of personas without passages, which change with their version alone. */
const createGrounds = () => {
  const known = new Map<number, { readonly version: number; readonly ground: AnswerGround }>()
  return ({ facts, voice, personaVersion }: GatheredTurn): AnswerGround => {
    const kept = known.get(facts.turn.accountId)
    if (kept?.version === personaVersion && voice.passages.length === 0) return kept.ground
    const own = voice.persona?.facts
    const ground = prepareGround(
      {
        catalogue: own?.catalogue ?? [],
        texts: [
          ...(own?.faq ?? []).flatMap(({ question, answer }) => [question, answer]),
          ...(own?.notes ?? []),
          ...voice.passages.map(({ text }) => text),
        ],
      },
      instructionsOf(voice),
    )
    if (voice.passages.length === 0) known.set(facts.turn.accountId, { version: personaVersion, ground })
    return ground
  }
}

/**
 * Asks the model for one turn and decides what becomes of its words; no transaction is open meanwhile. Whatever the model
 * or the contact says, only the checks decide whether a text may be sent. Never throws for anything a model does.
 */
export const createComposer = (deps: Pick<AnswerDeps, 'askModel' | 'translator'>) => {
  const groundOf = createGrounds()
  return async (gathered: GatheredTurn): Promise<TurnResult> => {
    const answer = await deps.askModel(questionOf(gathered))
    if (answer.kind === 'unanswered') return withoutModel(gathered, answer)
    const reply = readReply(deps, gathered, answer, groundOf(gathered))
    const { mode, turn } = gathered.facts
    if (mode === 'manual') return { kind: 'close', turn, outcome: 'manual' }
    const { confidenceMin } = gathered.settings
    const verdict = judgeReply(reply, { mode, confidenceMin, recentHashes: gathered.recentHashes })
    // Nobody asked for a reminder, so nobody has to take over for one that may not leave.
    if (turn.kind === 'follow_up' && verdict.kind !== 'send') return { kind: 'close', turn, outcome: 'nothing_to_say' }
    switch (verdict.kind) {
      case 'send':
        return { ...verdict, turn, ...reply }
      case 'draft':
        return { kind: 'draft', turn, findings: verdict.findings, ...reply, html: reply.checked.html }
      case 'hand_over':
        return { ...verdict, turn, judged: { ...reply, findings: reply.checked.findings } }
      case 'drop':
        return { kind: 'close', turn, outcome: 'nothing_to_say' }
      default:
        return verdict satisfies never
    }
  }
}

const withoutModel = (
  { facts }: GatheredTurn,
  { reason, retryAfterMs }: ModelAnswer<never> & { readonly kind: 'unanswered' },
): TurnResult => {
  const { turn, mode } = facts
  // A consent that was withdrawn a moment ago.
  if (reason === 'no_consent') return { kind: 'close', turn, outcome: 'no_consent' }
  const afterMs = retryModelAfter(reason, turn.attempts, retryAfterMs)
  if (afterMs !== null) return { kind: 'retry', turn, afterMs }
  return mode === 'ai' && turn.kind === 'answer'
    ? { kind: 'hand_over', turn, reason: 'model_unavailable' }
    : { kind: 'close', turn, outcome: 'nothing_to_say' }
}

/** The reply checked as it would be sent, with what is said before it. */
const readReply = (
  { translator }: Pick<AnswerDeps, 'translator'>,
  { facts, context, voice, locale }: GatheredTurn,
  { value, model, promptVersion }: ModelAnswer<ModelReply> & { readonly kind: 'answered' },
  ground: AnswerGround,
) => {
  const written = detectLanguage(facts.unanswered.join('\n'))
  const languages = languagesOf(locale, voice.persona?.language ?? voice.locale, written)
  const language: Locale = spokenIn(value, languages) ?? locale
  const isDisclosing = facts.mode === 'ai' && (!context.isDisclosed || facts.unanswered.some(asksWhetherHuman))
  const before = isDisclosing ? `${disclosure(translator(language), voice.senderName)}\n\n` : ''
  const checked = checkAnswer(value.text, ground, { languages, reserved: before.length })
  return {
    checked,
    html: `${before}${checked.html}`,
    hash: fingerprint(checked.text),
    isDisclosing,
    confidenceRatio: value.confidence / 100,
    needsHuman: value.needsHuman,
    intent: value.intent,
    language,
    model,
    promptVersion,
    seenMessageId: context.conversation.lastInboundMessageId,
  }
}

/** Says what writes, as Telegram HTML. */
const disclosure = (t: ReturnType<AnswerDeps['translator']>, senderName: string): string =>
  t('ai.disclosure', { sender: escapeText(senderName) })

const spokenIn = ({ text, language }: ModelReply, languages: readonly Locale[]): Locale | null => {
  const detected = detectLanguage(text) ?? localeOf(language)
  return languages.find((known) => known === detected) ?? null
}
