// What answers for language models: real servers, or the model of the demo.
import { systemClock } from './base/clock.ts'
import { createDemoModel } from './gateways/llm/adapters/fake/create-demo-model.ts'
import { createOpenAiModel } from './gateways/llm/adapters/openai/create-openai-model.ts'
import type { LanguageModel, ModelEndpoint } from './gateways/llm/language-model.ts'
import { type AskModelDeps, createAskModel } from './modules/llm/index.ts'
import type { ModelSettings } from './model-settings.ts'

export interface OpenModels {
  readonly model: LanguageModel
  /** What tenants may use within their package; null where there is none. */
  readonly installation: ModelEndpoint | null
  close?(): Promise<void>
}

/** Any server that speaks Chat Completions, at the tenants' addresses or the installation's. */
export const openModels = ({ endpoint, arePrivateAllowed }: ModelSettings): OpenModels => {
  const model = createOpenAiModel({ clock: systemClock, arePrivateAllowed })
  return { model, installation: endpoint, close: () => model.destroy() }
}

/** What asks the models, and what lets go of them. */
export const openAsking = (deps: Pick<AskModelDeps, 'db' | 'box' | 'clock'>, models: OpenModels) => ({
  askModel: createAskModel({ ...deps, model: models.model, installation: models.installation }),
  closeModels: async (): Promise<void> => models.close?.(),
})

/** A model without a server, which answers by the facts it is given and says that it is a demo. */
export const openDemoModel = (): OpenModels => ({
  model: createDemoModel(),
  installation: { baseUrl: 'demo://model', apiKey: null, model: 'demo', isOperators: true },
})
