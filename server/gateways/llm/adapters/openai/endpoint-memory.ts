import { HOUR_MS } from '#server/base/duration.ts'

import { ANSWER_FORMATS, type AnswerFormat, type ModelEndpoint } from '../../language-model.ts'
import type { NotTaken } from './classify-model-error.ts'

/** How an endpoint wants to be asked. */
export interface Manner {
  readonly format: AnswerFormat
  /** Older servers know the one, newer models of OpenAI's take the other alone. */
  readonly limit: 'max_tokens' | 'max_completion_tokens'
  readonly hasTemperature: boolean
}

const FIRST: Manner = { format: 'json_schema', limit: 'max_tokens', hasTemperature: true }
const REMEMBERED_MAX = 500
/** Servers learn: what they did not take is asked again after a while. */
const FORGOTTEN_AFTER_MS = 6 * HOUR_MS

/** The next plainer format; null after the plainest. */
export const plainer = (format: AnswerFormat): AnswerFormat | null =>
  ANSWER_FORMATS[ANSWER_FORMATS.indexOf(format) + 1] ?? null

/** How to go on after `what` was not taken; null when there is no other way. */
export const mannerWithout = (manner: Manner, what: NotTaken): Manner | null => {
  if (what === 'temperature') return manner.hasTemperature ? { ...manner, hasTemperature: false } : null
  if (what === 'format') {
    const format = plainer(manner.format)
    return format && { ...manner, format }
  }
  if (manner.limit !== what) return null
  return { ...manner, limit: what === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens' }
}

/** Remembers how each endpoint and model was last asked with success: the last 500, for six hours. */
export class EndpointMemory {
  readonly #known = new Map<string, { readonly manner: Manner; readonly until: number }>()

  find(endpoint: ModelEndpoint, now: number): Manner {
    const known = this.#known.get(keyOf(endpoint))
    return known && known.until > now ? known.manner : FIRST
  }

  keep(endpoint: ModelEndpoint, manner: Manner, now: number): void {
    const key = keyOf(endpoint)
    const known = this.#known.get(key)
    this.#known.delete(key)
    const isSame = known !== undefined && known.until > now && JSON.stringify(known.manner) === JSON.stringify(manner)
    this.#known.set(key, isSame ? known : { manner, until: now + FORGOTTEN_AFTER_MS })
    const oldest = this.#known.keys().next()
    if (this.#known.size > REMEMBERED_MAX && !oldest.done) this.#known.delete(oldest.value)
  }
}

const keyOf = ({ baseUrl, model }: ModelEndpoint): string => `${baseUrl} ${model}`
