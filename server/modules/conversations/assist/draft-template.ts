import {
  type AnswerFinding,
  LOCALES,
  type Locale,
  MESSAGE_CLASSES,
  MESSAGE_STYLES,
  type MessageClass,
  type MessageStyle,
  type ModelRefusal,
} from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import { inTenant } from '#server/db/tenant-scope.ts'
import { getAccount } from '#server/modules/accounts/index.ts'
import { type LintFinding, type Template, createTemplate, lintTemplate } from '#server/modules/templates/index.ts'
import { type ActingPerson, getOwnTenant, recordAudit, requireCan } from '#server/modules/tenancy/index.ts'

import { checkAnswer } from '../answering/answer-check.rules.ts'
import { LANGUAGE_NAMES, type PromptVoice, replySystem } from '../answering/reply-prompt.rules.ts'
import { groundOf } from '../personal/ask-slots.ts'
import type { SlotDeps } from '../personal/write-slots.ts'
import { findPersona } from '../persona.store.ts'
import { DRAFT_PROMPT, draftSchema } from './draft-prompt.rules.ts'

export interface DraftRequest {
  /** What the message is to say, 10–1 000 characters. */
  readonly brief: string
  /** Name of the template; the beginning of the brief when left out. */
  readonly name?: string
  readonly style: MessageStyle | null
  readonly language: Locale
  readonly messageClass: MessageClass
  /** Whose voice and catalogue. */
  readonly accountId: number
  /** How many wordings, 1–4. */
  readonly wordings: number
}

/** A wording that a check stopped. */
export interface RefusedWording {
  readonly text: string
  readonly findings: readonly AnswerFinding[]
}

export type TemplateDraft =
  | {
      readonly kind: 'drafted'
      readonly template: Template
      /** What the lint says of it. */
      readonly findings: readonly LintFinding[]
      readonly refused: readonly RefusedWording[]
    }
  /** The model answered, and no wording passed the checks. */
  | { readonly kind: 'refused'; readonly refused: readonly RefusedWording[] }
  | { readonly kind: 'unanswered'; readonly reason: ModelRefusal }

const BRIEF_MIN = 10
const BRIEF_MAX = 1_000
const NAME_MAX = 60
const OUTPUT_TOKENS_MAX = 2_500
const ARMS = 'abcd'

/** Who speaks and how to leave, as commercial messages need it. */
const FOOTER = '\n\n<b>{{sender}}</b>\n<i>{{opt_out}}</i>'

/** Errors: `invalid/template_brief`, `invalid/unknown_word`, `invalid/whole_number_expected`. */
const checkRequest = (request: DraftRequest): string => {
  const brief = request.brief.trim()
  if (brief.length < BRIEF_MIN || brief.length > BRIEF_MAX)
    throw invalid('template_brief', 'brief', { min: BRIEF_MIN, max: BRIEF_MAX })
  const isKnown = (words: readonly string[], word: string, field: string) => {
    if (!words.includes(word)) throw invalid('unknown_word', field, { value: word, allowed: words.join(', ') })
  }
  isKnown(LOCALES, request.language, 'language')
  isKnown(MESSAGE_CLASSES, request.messageClass, 'messageClass')
  if (request.style !== null) isKnown(MESSAGE_STYLES, request.style, 'style')
  if (!Number.isInteger(request.wordings) || request.wordings < 1 || request.wordings > ARMS.length)
    throw invalid('whole_number_expected', 'wordings', { given: String(request.wordings), min: 1, max: ARMS.length })
  return brief
}

/** The wordings that may be kept, as Telegram HTML, and those that a check stopped. Pure. */
const sortWordings = (written: readonly { readonly text: string }[], voice: PromptVoice, request: DraftRequest) => {
  const ground = groundOf(voice, DRAFT_PROMPT.text)
  const place = { languages: [request.language], reserved: 400 }
  const checked = written.slice(0, request.wordings).map(({ text }) => checkAnswer(text, ground, place))
  const footer = request.messageClass === 'commercial' ? FOOTER : ''
  return {
    kept: checked.flatMap(({ html, findings }) => (findings.length === 0 ? [`${html}${footer}`] : [])),
    refused: checked.flatMap(({ text, findings }) => (findings.length > 0 ? [{ text, findings }] : [])),
  }
}

/**
 * Has the tenant's model draft a template in the voice of one account, about nobody: wordings that pass the checks of
 * answers become a template in state `draft` that names the model, linted, and nothing approves it but a member. Audited.
 * No transaction is open while the model thinks. Errors: `forbidden/not_allowed`, `not_found`, those of the request and of
 * `createTemplate`.
 */
export const draftTemplate = async (
  deps: SlotDeps,
  tenantId: number,
  request: DraftRequest,
  { by, access, at }: ActingPerson,
): Promise<TemplateDraft> => {
  requireCan(access, 'templates.edit')
  const brief = checkRequest(request)
  const voice = await inTenant(deps.db, tenantId, async (tx): Promise<PromptVoice> => {
    await getAccount(tx, request.accountId)
    const { senderName, locale } = await getOwnTenant(tx)
    return { persona: await findPersona(tx, request.accountId), senderName, locale, passages: [] }
  })
  const { style, messageClass, language, wordings } = request
  const asked = { brief, language: LANGUAGE_NAMES[language], style, messageClass, wordings }
  const answer = await deps.askModel({
    tenantId,
    purpose: 'assist',
    contactIds: [],
    prompt: { ...DRAFT_PROMPT, system: replySystem(voice, DRAFT_PROMPT.text) },
    messages: [{ role: 'user', content: JSON.stringify(asked) }],
    shape: { name: DRAFT_PROMPT.shape, schema: draftSchema },
    outputTokensMax: OUTPUT_TOKENS_MAX,
  })
  if (answer.kind === 'unanswered') return { kind: 'unanswered', reason: answer.reason }
  const { kept, refused } = sortWordings(answer.value.wordings, voice, request)
  if (kept.length === 0) return { kind: 'refused', refused }
  const model = answer.model.slice(0, 200)
  const variants = kept.map((text, i) => ({ name: ARMS.charAt(i), locale: language, text }))
  const template = await inTenant(deps.db, tenantId, async (tx) => {
    const name = request.name ?? brief.slice(0, NAME_MAX).toWellFormed()
    const created = await createTemplate(tx, { name, messageClass, style, variants }, at, model)
    const target = `template:${created.id}`
    await recordAudit(tx, { tenantId, actor: by, action: 'template.drafted', target, detail: { model }, at })
    return created
  })
  return { kind: 'drafted', template, findings: lintTemplate(template, { senderName: voice.senderName }), refused }
}
