import { createParser } from 'eventsource-parser'

import type { Route, RouteInput, RouteOutput } from '#contract/route.ts'

import { ask } from './client.ts'

/**
 * Listens to a route that streams, as whoever calls; unlike a browser's own `EventSource` it can say who that is in a
 * header. Ends when the server ends it or `signal` is aborted. Errors: as those of a call.
 */
export const listen = async <R extends Route & { readonly streams: true }>(
  route: R,
  input: RouteInput<R>,
  hear: (event: RouteOutput<R>) => void,
  signal: AbortSignal,
): Promise<void> => {
  const answer = await ask(route, input, { accept: 'text/event-stream', signal })
  const parser = createParser({ onEvent: ({ data }) => hear(JSON.parse(data) as RouteOutput<R>) })
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) parser.feed(part.value)
}
