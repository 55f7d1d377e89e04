import { QueryClient, queryOptions } from '@tanstack/react-query'

import { api } from '#contract/api.ts'
import type { Route, RouteInput } from '#contract/route.ts'

import { ApiError, call } from './client.ts'

/** What cannot be mended by asking again: everything the server refused on purpose. */
const isFinal = (error: unknown): boolean => error instanceof ApiError && error.problem.status < 500

export const createQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: { retry: (failures, error) => !isFinal(error) && failures < 3, staleTime: 5_000 },
    },
  })

/** A query for a GET route; its key is the address, so that a tenant's own screens share answers. */
export const query = <R extends Route>(route: R, input: RouteInput<R>) =>
  queryOptions({
    queryKey: [route.path, input],
    queryFn: ({ signal }) => call(route, input, signal),
  })

export { api }
