import type { ModelRefusal } from '#contract/words.ts'
import type { AskModel } from '#server/modules/llm/index.ts'

import { prepareGround } from '../answering/answer-check.rules.ts'
import { type PromptVoice, instructionsOf, replySystem } from '../answering/reply-prompt.rules.ts'
import { SLOT_PROMPT, slotTextsSchema } from './slot-prompt.rules.ts'
import { type CheckedSlot, type SlotReader, readSlotTexts, slotProfile } from './slot.rules.ts'

/** Room for two texts of each of five people. */
const OUTPUT_TOKENS_MAX = 1_500

export type AskedSlots =
  | {
      readonly kind: 'written'
      /** In the order of the readers. */
      readonly texts: readonly (readonly CheckedSlot[])[]
      readonly model: string
      readonly promptVersion: number
    }
  | { readonly kind: 'unanswered'; readonly reason: ModelRefusal }

/** Prices and offers are told from the persona alone. */
export const groundOf = (voice: PromptVoice, rules: string) =>
  prepareGround(
    {
      catalogue: voice.persona?.facts.catalogue ?? [],
      texts: [
        ...(voice.persona?.facts.faq ?? []).flatMap(({ question, answer }) => [question, answer]),
        ...(voice.persona?.facts.notes ?? []),
      ],
    },
    instructionsOf(voice, rules),
  )

/**
 * Asks the tenant's model for the texts of a few people's slots in the voice of one account, and checks each; no
 * transaction is open meanwhile. Never throws for anything a model does.
 */
export const askSlots = async (
  askModel: AskModel,
  tenantId: number,
  voice: PromptVoice,
  readers: readonly SlotReader[],
  now: number,
): Promise<AskedSlots> => {
  const refOf = (at: number) => `p${at + 1}`
  const people = readers.map((reader, at) => slotProfile(refOf(at), reader, now))
  const answer = await askModel({
    tenantId,
    purpose: 'slot',
    contactIds: readers.map(({ contactId }) => contactId),
    prompt: { ...SLOT_PROMPT, system: replySystem(voice, SLOT_PROMPT.text) },
    messages: [{ role: 'user', content: JSON.stringify({ people }) }],
    shape: { name: SLOT_PROMPT.shape, schema: slotTextsSchema },
    outputTokensMax: OUTPUT_TOKENS_MAX,
  })
  if (answer.kind === 'unanswered') return { kind: 'unanswered', reason: answer.reason }
  const ground = groundOf(voice, SLOT_PROMPT.text)
  const texts = readers.map((reader, at) => readSlotTexts(answer.value, refOf(at), reader, ground))
  return { kind: 'written', texts, model: answer.model.slice(0, 200), promptVersion: answer.promptVersion }
}
