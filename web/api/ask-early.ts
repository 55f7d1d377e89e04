import type { Route, RouteInput, RouteOutput } from '#contract/route.ts'

import { callEarly } from './client.ts'

/** A call whose answer was asked for early. */
export interface Asked {
  readonly route: Route
  readonly input: object
}

/** Asks for an answer early, and notes that it was asked for. */
export type AskEarly = <R extends Route>(route: R, input: RouteInput<R>) => Promise<RouteOutput<R>>

/** An {@link AskEarly} and what it has asked for so far. */
export const noteAsked = (): { readonly ask: AskEarly; readonly asked: readonly Asked[] } => {
  const asked: Asked[] = []
  return {
    asked,
    ask: (route, input) => {
      asked.push({ route, input })
      return callEarly(route, input)
    },
  }
}
