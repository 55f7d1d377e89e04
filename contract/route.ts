import type { z } from 'zod'

import type { OperatorAction, TenantAction } from './actions.ts'

type Schema = z.core.$ZodType

/**
 * Who may call a route: anybody, whoever is signed in (`half_session`: even while they owe a second factor), or those who
 * may do this action (to the tenant of the call, or to the installation). Whatever is not granted is denied before the
 * route's own code runs.
 */
export type RouteAccess = 'public' | 'session' | 'half_session' | TenantAction | OperatorAction

/** One HTTP route, for the server that answers it, the screens that call it and the description at `/docs`. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below the server's address; `:name` stands for a member of `params`. */
  readonly path: `/api/v1/${string}`
  /** One sentence for the description. */
  readonly summary: string
  readonly access: RouteAccess
  /** How often one caller may call it within a minute, where that is less than for all routes together. */
  readonly perMinute?: number
  readonly params?: Schema
  readonly query?: Schema
  readonly body?: Schema
  /** Set on a route that goes on answering: each of its server-sent events has the shape of `response`. */
  readonly streams?: true
  /** Set on a route that answers with a file of one of these types; its `response` is `{ type, bytes }`. */
  readonly gives?: readonly string[]
  readonly response: Schema
}

/** Names a route's types as they are. */
export const route = <const R extends Route>(given: R): R => given

type Part<R extends Route, K extends 'params' | 'query' | 'body'> = R[K] extends Schema ? R[K] : never

/** What a route is called with, before the server has read it. */
export type RouteInput<R extends Route> = {
  readonly [K in 'params' | 'query' | 'body' as R[K] extends Schema ? K : never]: z.input<Part<R, K>>
}

/** What the server reads out of a call. */
export type RouteRequest<R extends Route> = {
  readonly [K in 'params' | 'query' | 'body' as R[K] extends Schema ? K : never]: z.output<Part<R, K>>
}

/** What a route answers with. */
export type RouteOutput<R extends Route> = z.output<R['response']>
