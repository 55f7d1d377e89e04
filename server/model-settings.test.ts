import { describe, expect, it } from 'vitest'

import { loadConfig } from './config.ts'

const modelsOf = (env: Readonly<Record<string, string>>) => loadConfig(env, []).models
const faultsOf = (env: Readonly<Record<string, string>>): unknown => {
  try {
    return modelsOf(env)
  } catch (error) {
    return (error as { readonly params: { readonly faults: string } }).params.faults
  }
}

describe('readModelSettings', () => {
  it('has no model and lets nobody into the own network unless it is told to', () => {
    expect(modelsOf({})).toEqual({ endpoint: null, arePrivateAllowed: false })
  })

  it("takes whoever runs the installation's own endpoint, wherever it is", () => {
    const env = { LLM_BASE_URL: 'http://10.0.0.5:11434/v1/', LLM_MODEL: 'llama', LLM_PRIVATE_ADDRESSES: 'on' }
    expect(modelsOf(env)).toEqual({
      endpoint: { baseUrl: 'http://10.0.0.5:11434/v1', apiKey: null, model: 'llama', isOperators: true },
      arePrivateAllowed: true,
    })
    expect(modelsOf({ ...env, LLM_API_KEY: 'sk-1' }).endpoint?.apiKey).toBe('sk-1')
  })
})

describe('modelFaults', () => {
  it.each([
    [{ LLM_BASE_URL: 'https://api.example.com/v1' }, /^LLM_MODEL: /],
    [{ LLM_MODEL: 'llama' }, /^LLM_BASE_URL: /],
    [{ LLM_API_KEY: 'sk-1' }, /^LLM_API_KEY: /],
    [{ LLM_BASE_URL: 'https://user@host/v1', LLM_MODEL: 'm' }, /^LLM_BASE_URL: /],
    [{ LLM_PRIVATE_ADDRESSES: 'yes' }, /on, off/],
  ])('says what is set up by half in %o', (env, fault) => {
    expect(faultsOf(env)).toMatch(fault)
  })
})
