import { SECOND_MS } from '#server/base/duration.ts'

import type { ProviderFailure } from '../payment-provider.ts'

const TIMEOUT_MS = 10 * SECOND_MS

export interface ProviderRequest {
  readonly method: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | URLSearchParams
}

/** Fields of an object of unknown shape; empty for anything else. */
export const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {}

/** The value of a JSON text, or undefined. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/**
 * One call whose answer is JSON, waited for ten seconds. Whatever is not readable, and every status from 500 on, is
 * `unavailable`: calls to providers are idempotent by reference and may be made again.
 */
export const callProvider = async (
  url: string,
  request: ProviderRequest,
): Promise<{ readonly kind: 'answered'; readonly status: number; readonly json: unknown } | ProviderFailure> => {
  try {
    const response = await fetch(url, { ...request, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
    const json = parseJson(await response.text())
    if (response.status >= 500 || json === undefined)
      return { kind: 'unavailable', reason: `status ${response.status}` }
    return { kind: 'answered', status: response.status, json }
  } catch (error) {
    return { kind: 'unavailable', reason: error instanceof Error ? error.name : 'unknown' }
  }
}

/** "18.50" or 18.5 in minor units; null when it is no amount of at most two decimals. */
export const parseMinor = (amount: unknown): number | null => {
  const text = typeof amount === 'number' || typeof amount === 'string' ? String(amount) : ''
  const [, whole, part = ''] = /^(\d{1,12})(?:[.](\d{1,2})0*)?$/.exec(text) ?? []
  return whole === undefined ? null : Number(whole) * 100 + Number(part.padEnd(2, '0'))
}
