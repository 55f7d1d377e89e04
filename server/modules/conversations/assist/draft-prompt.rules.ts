import { z } from 'zod'

import { definePrompt } from '#server/modules/llm/index.ts'

/** What a model is asked for wordings of a new template with; the tenant's voice and facts come after it. */
export const DRAFT_PROMPT = definePrompt({
  name: 'template_draft',
  version: 1,
  shape: 'template_draft',
  text: `You draft messages that a company's Telegram account may send to many people who agreed to it. A member of the company reads, changes and approves every draft.
You get one JSON object with "brief", "language", "style", "messageClass" and "wordings". Write that many different wordings of what the brief asks for, in that language, each of at most 700 characters, in the account's tone.
Use only the facts below and the brief. Name a price only as it stands in the catalogue, in digits with its currency. Make no discount, gift, promise or claim of scarcity that is not written in the facts. Give no links, phone or account numbers.
Write plain text without markup. Where a person's first name shall stand write {{first_name|…}} with words that stand there for those without a name. Write no signature and no words about unsubscribing: both are added.
Answer with {"wordings": [{"text": "…"}]}.`,
})

/** Wide on purpose: what does not fit is left out afterwards, wording by wording. */
export const draftSchema = z.object({
  wordings: z.array(z.object({ text: z.string().max(12_000) })).max(10),
})
