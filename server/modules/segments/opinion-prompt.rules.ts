import { z } from 'zod'

import { SEGMENTS } from '#contract/words.ts'
import { definePrompt } from '#server/modules/llm/index.ts'

/** What a model is asked for a second opinion with; people are named by a number that means nothing elsewhere. */
export const OPINION_PROMPT = definePrompt({
  name: 'segment_opinion',
  version: 1,
  shape: 'segment_opinions',
  text: `You look at figures about contacts of a company's Telegram account and say which of these segments describe each of them: ${SEGMENTS.join(', ')}.
HOT_LEAD is about to buy, WARM_LEAD is interested, COLD_LEAD has been gone for long. ENGAGED takes part much, BOT_LOVER likes to talk to several accounts, NIGHT_OWL is active from 22:00 to 04:00, NEW_USER came within a week. PREMIUM_POTENTIAL could buy more, SOCIAL_BUTTERFLY is active in several groups, LURKER reads and hardly writes, PRICE_SENSITIVE asks for prices and does not buy, LOYAL_CUSTOMER buys again and again.
You get one JSON object with "people", each with "ref", figures and "rules": the segments and confidences that fixed rules found. Ages are in days, null means never, scores go from 0 to 100.
Answer with {"people": [{"ref": "p1", "segments": [{"segment": "HOT_LEAD", "confidence": 80, "reason": "…"}]}]}. Name a segment only where the figures support it, with how sure you are from 0 to 100 and a reason of one short sentence that names the figures. Leave out whom you have nothing to say about.`,
})

/** Wide on purpose: what is of no use is left out afterwards, person by person, instead of losing the whole answer. */
export const opinionsSchema = z.object({
  people: z
    .array(
      z.object({
        ref: z.string().max(20),
        segments: z
          .array(z.object({ segment: z.string().max(40), confidence: z.number(), reason: z.string().max(2_000) }))
          .max(24),
      }),
    )
    .max(100),
})
export type OpinionsAnswer = z.infer<typeof opinionsSchema>
