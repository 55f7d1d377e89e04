import { globSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { type Prompt, isPrompt, promptHash } from './define-prompt.rules.ts'
import hashes from './prompt-hashes.json' with { type: 'json' }

const MODULES = path.resolve(import.meta.dirname, '../..')

const definedPrompts = async (): Promise<readonly Prompt[]> => {
  const files = globSync('**/*-prompt.rules.ts', { cwd: MODULES }).filter((file) => !file.includes('define-prompt'))
  const modules = await Promise.all(
    files.map((file) => import(path.join(MODULES, file)) as Promise<Readonly<Record<string, unknown>>>),
  )
  return modules.flatMap((module) => Object.values(module).filter(isPrompt))
}

const KNOWN: Readonly<Record<string, string>> = hashes

describe('definePrompt', () => {
  it('lets no text change under the same version: a changed prompt takes the next one, and its hash into the list', async () => {
    const prompts = await definedPrompts()
    expect(prompts.length).toBeGreaterThan(0)
    const now = Object.fromEntries(prompts.map((prompt) => [`${prompt.name}@${prompt.version}`, promptHash(prompt)]))
    expect(KNOWN).toMatchObject(now)
  })

  it('names each prompt once', async () => {
    const names = (await definedPrompts()).map(({ name }) => name)
    expect(names).toEqual([...new Set(names)])
  })

  it('sees a change of a single letter', () => {
    const prompt = { name: 'a', version: 1, text: 'Say yes.', shape: 'a' }
    expect(promptHash({ ...prompt, text: 'Say yes!' })).not.toBe(promptHash(prompt))
    expect(promptHash({ ...prompt, shape: 'b' })).not.toBe(promptHash(prompt))
  })
})
