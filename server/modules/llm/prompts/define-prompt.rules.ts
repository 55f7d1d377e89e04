import { createHash } from 'node:crypto'

/** A text that models are asked with, kept in the repository. What it says may only change with its version. */
export interface Prompt {
  readonly name: string
  readonly version: number
  /** What stays the same from question to question; facts and people's words come beside it. */
  readonly text: string
  /** Name of the shape its answers have. */
  readonly shape: string
}

const defined = new WeakSet<Prompt>()

/**
 * Defines a prompt. Belongs into a file `*-prompt.rules.ts`: prompts.test.ts finds it there and holds its text to the
 * hash of its version in prompt-hashes.json.
 */
export const definePrompt = (prompt: Prompt): Prompt => {
  defined.add(prompt)
  return prompt
}

/** Whether a value was made by {@link definePrompt}. */
export const isPrompt = (value: unknown): value is Prompt =>
  typeof value === 'object' && value !== null && defined.has(value as Prompt)

/** What the text and the shape of a version are known by: the first 16 digits of SHA-256. */
export const promptHash = ({ text, shape }: Prompt): string =>
  createHash('sha256')
    .update(JSON.stringify([text, shape]))
    .digest('hex')
    .slice(0, 16)
