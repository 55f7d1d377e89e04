import { z } from 'zod'

import { definePrompt } from './define-prompt.rules.ts'

/** What a tenant's model is tried with; about nobody. */
export const TEST_PROMPT = definePrompt({
  name: 'model_test',
  version: 1,
  shape: 'model_test',
  text: 'You are asked whether you work. Add the two numbers you are given, and say in one short sentence in Turkish that you are ready.',
})

export const testAnswerSchema = z.object({ sum: z.number(), text: z.string().max(500) })

/** What is added up, and what comes out. */
export const TEST_SUM = { question: '17 + 25', sum: 42 } as const
