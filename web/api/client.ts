import type { Route, RouteInput, RouteOutput } from '#contract/route.ts'

/** What the server refuses with: RFC 9457, with our code and the field at fault. */
export interface Problem {
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly field?: string
  /** The values of the sentence's placeholders. */
  readonly params?: Readonly<Record<string, string | number>>
}

/** A refused call. `detail` is a sentence in the caller's language that says what helps. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.problem = problem
  }
}

/** Where calls go from here: the tenant that is looked at, and the language that is spoken. */
const surroundings = { tenant: null as string | null, language: 'tr', bearer: null as string | null }

export const setTenant = (tenant: string | null): void => void (surroundings.tenant = tenant)
export const setLanguage = (language: string): void => void (surroundings.language = language)
/** Who calls, where no cookie says it. */
export const setBearer = (bearer: string): void => void (surroundings.bearer = bearer)

type Parts = {
  readonly params?: Readonly<Record<string, string | number>>
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body?: unknown
}

/** The address of a call. */
const addressOf = ({ path }: Pick<Route, 'path'>, { params = {}, query = {} }: Parts): string => {
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])))
  const asked = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  ).toString()
  return asked === '' ? filled : `${filled}?${asked}`
}

const problemOf = async (answer: Response): Promise<Problem> => {
  const said = (await answer.json().catch(() => ({}))) as Partial<Problem>
  return { code: 'unavailable', detail: answer.statusText, ...said, status: answer.status }
}

interface Asking {
  readonly accept: string
  readonly signal?: AbortSignal | undefined
}

/** Asks a route and gives its answer unread. Errors: as those of {@link call}. */
export const ask = async <R extends Route>(
  route: R,
  input: RouteInput<R>,
  { accept, signal }: Asking,
): Promise<Response> => {
  const parts = input as Parts
  const { tenant, bearer, language } = surroundings
  const answer = await fetch(addressOf(route, parts), {
    method: route.method,
    credentials: 'same-origin',
    headers: {
      accept,
      'accept-language': language,
      'x-requested-with': 'gavatcore',
      ...(bearer !== null && { authorization: `Bearer ${bearer}` }),
      ...(tenant !== null && { 'x-tenant': tenant }),
      ...(parts.body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(parts.body !== undefined && { body: JSON.stringify(parts.body) }),
    ...(signal && { signal }),
  })
  if (!answer.ok) throw new ApiError(await problemOf(answer))
  return answer
}

/** What was asked for before there was anything to draw it, by address. */
const early = new Map<
  string,
  { readonly tenant: string | null; readonly askedAt: number; readonly answer: Promise<unknown> }
>()
/** As long as an answer counts as new. */
const EARLY_MS = 10_000

const takeEarly = (address: string): Promise<unknown> | null => {
  const asked = early.get(address)
  early.delete(address)
  if (!asked || performance.now() - asked.askedAt > EARLY_MS) return null
  return asked.tenant === null || asked.tenant === surroundings.tenant ? asked.answer : null
}

/**
 * Calls a route of the contract. Errors: {@link ApiError} for a refusal, `TypeError` where nothing answers (no network).
 */
export const call = async <R extends Route>(
  route: R,
  input: RouteInput<R>,
  signal?: AbortSignal,
): Promise<RouteOutput<R>> => {
  const asked = route.method === 'GET' && early.size > 0 ? takeEarly(addressOf(route, input)) : null
  if (asked) return (await asked) as RouteOutput<R>
  const answer = await ask(route, input, { accept: 'application/json', signal })
  return (await answer.json()) as RouteOutput<R>
}

/**
 * Asks a GET route before there is anything to draw its answer: the next call of it for the same tenant takes the answer
 * instead of asking, once, within ten seconds. Errors: as those of {@link call}, of both.
 */
export const callEarly = <R extends Route>(route: R, input: RouteInput<R>): Promise<RouteOutput<R>> => {
  const { tenant } = surroundings
  const answer = call(route, input)
  early.set(addressOf(route, input), { tenant, askedAt: performance.now(), answer })
  // Whoever takes it hears of it.
  answer.catch(() => undefined)
  return answer
}

/** Listens to a route that streams. It cannot send headers: the tenant stands in the address. */
export const streamOf = <R extends Route & { readonly streams: true }>(route: R, input: RouteInput<R>): EventSource =>
  new EventSource(addressOf(route, { ...input, query: { tenant: surroundings.tenant ?? undefined } }))
