import type { z } from 'zod'

import type { TenantAction } from '#contract/actions.ts'
import type { Api } from '#contract/api.ts'
import type { Route, RouteRequest } from '#contract/route.ts'
import type { Locale } from '#contract/words.ts'
import type { Db } from '#server/db/pool.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import type { ActingPerson, Tenant } from '#server/modules/tenancy/index.ts'

import type { ApiDeps } from './api-deps.ts'
import type { Caller } from './caller.ts'

type DeepReadonly<T> = T extends readonly (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T

interface AnyCall {
  readonly db: Db
  /** The domain's time. */
  readonly at: number
  readonly locale: Locale
  /** What the caller's browser calls itself. */
  readonly device: string
}

/** Of somebody who is signed in. */
export interface SessionCall extends AnyCall {
  readonly caller: Caller
}

/** Of somebody who may do the route's action to this tenant. */
export interface TenantCall extends SessionCall {
  readonly tenant: Tenant
  readonly actor: ActingPerson
  /** Runs `work` in one transaction of the tenant. */
  readonly inTenant: <T>(work: (tx: TenantTx) => Promise<T>) => Promise<T>
}

/** Of somebody who may do the route's action to the installation. */
export interface OperatorCall extends SessionCall {
  readonly actor: ActingPerson
}

type CallBy<A> = A extends 'public'
  ? AnyCall
  : A extends 'session' | 'half_session'
    ? SessionCall
    : A extends TenantAction
      ? TenantCall
      : OperatorCall

/** What a route's code gets: its parts, read and checked, and who calls. */
export type Call<R extends Route> = RouteRequest<R> & CallBy<R['access']>

type Answer<R extends Route> = DeepReadonly<z.input<R['response']>>

/**
 * Answers one route; the caller may do its action already, and what it answers is held to the contract. A route that
 * streams gives out events until `signal` is aborted.
 */
export type Handler<R extends Route> = R extends { readonly streams: true }
  ? (call: Call<R> & { readonly signal: AbortSignal }) => AsyncIterable<Answer<R>>
  : (call: Call<R>) => Promise<Answer<R>>

export type RoomHandlers<Room> = { readonly [K in keyof Room]: Room[K] extends Route ? Handler<Room[K]> : never }

/** The code of every route; one that is missing does not compile. */
export type Handlers = { readonly [Room in keyof Api]: (deps: ApiDeps) => RoomHandlers<Api[Room]> }
