import type { api } from '#contract/api.ts'
import type { RouteOutput } from '#contract/route.ts'

export type Model = RouteOutput<typeof api.llm.get>

/** What the form holds. The key that is kept is never here, only one that is typed. */
export interface ModelDraft extends Pick<Model, 'mode'> {
  readonly baseUrl: string
  readonly model: string
  readonly apiKey: string
  readonly forgetsKey: boolean
  readonly tokensPerMonth: number | string
  readonly perMinuteMax: number | string
}

export const modelDraftOf = ({ mode, baseUrl, model, tokensPerMonth, perMinuteMax }: Model): ModelDraft => ({
  mode,
  baseUrl: baseUrl ?? '',
  model: model ?? '',
  apiKey: '',
  forgetsKey: false,
  tokensPerMonth,
  perMinuteMax,
})

/** What of the draft is another than what is saved, as the server takes it. */
export const modelChangeOf = (draft: ModelDraft, saved: ModelDraft) => ({
  ...(draft.mode !== saved.mode && { mode: draft.mode }),
  ...(draft.baseUrl !== saved.baseUrl && { baseUrl: draft.baseUrl }),
  ...(draft.model !== saved.model && { model: draft.model }),
  ...(draft.apiKey !== '' && { apiKey: draft.apiKey }),
  ...(draft.apiKey === '' && draft.forgetsKey && { apiKey: null }),
  // An emptied field becomes what no range holds, so that the server says which range that is.
  ...(draft.tokensPerMonth !== saved.tokensPerMonth && {
    tokensPerMonth: draft.tokensPerMonth === '' ? -1 : Number(draft.tokensPerMonth),
  }),
  ...(draft.perMinuteMax !== saved.perMinuteMax && {
    perMinuteMax: draft.perMinuteMax === '' ? -1 : Number(draft.perMinuteMax),
  }),
})
