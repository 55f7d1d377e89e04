import { request } from 'undici'

import type { WebhookFault } from '#contract/words.ts'
import type { Clock } from '#server/base/clock.ts'
import { SECOND_MS } from '#server/base/duration.ts'
import { parseRetryAfter } from '#server/base/retry-after.ts'

import { findAddressFault } from '../../../endpoint-address.ts'
import { type Resolve, createOpenAgent, createPublicAgent } from '../../../public-agent.ts'
import type { WebhookCaller } from '../../webhook-caller.ts'

export interface WebhookCallerOptions {
  readonly clock: Pick<Clock, 'now'>
  /** Whether endpoints may lie on the own network and speak plain http. */
  readonly arePrivateAllowed: boolean
  /** Looks up names; the machine's resolver unless a test brings its own. */
  readonly resolve?: Resolve
  /** How long an endpoint may take from connecting to the end of its answer. */
  readonly timeoutMs?: number
}

/** The adapter and its sockets. */
export interface HttpWebhookCaller extends WebhookCaller {
  /** Ends every call and closes every socket. */
  destroy(): Promise<void>
}

const TIMEOUT_MS = 15 * SECOND_MS
/** So much of an answer is read to use its socket again; a longer one is cut off and counts all the same. */
const READ_BYTES = 16 * 1024
const AGENT_LIMITS = { sockets: 16, answerBytes: -1 }

const codeOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (typeof code === 'string') return code
  const cause = error instanceof Error ? error.cause : null
  return cause instanceof Error ? codeOf(cause) : ''
}

const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS|SSL/

const faultOf = (error: unknown, isLate: boolean): WebhookFault => {
  if (isLate) return 'timeout'
  const code = codeOf(error)
  if (code === 'PRIVATE_ADDRESS') return 'private_address'
  if (/TIMEOUT|TIMEDOUT/.test(code)) return 'timeout'
  return CERTIFICATE.test(code) ? 'certificate' : 'unreachable'
}

/**
 * Posts over HTTP. The address is looked at when it is written and again when connecting, where the name is looked up
 * once and the very address that was checked is connected to; a redirect is an answer like any other.
 */
export const createWebhookCaller = (options: WebhookCallerOptions): HttpWebhookCaller => {
  const { clock, arePrivateAllowed, timeoutMs = TIMEOUT_MS } = options
  const agent = arePrivateAllowed ? createOpenAgent(AGENT_LIMITS) : createPublicAgent(AGENT_LIMITS, options.resolve)
  return {
    async call({ url, headers, body }) {
      const startedAt = clock.now()
      const latencyMs = () => Math.max(0, clock.now() - startedAt)
      const addressFault = findAddressFault(url, arePrivateAllowed, { takesQuery: true })
      if (addressFault !== null) return { kind: 'unanswered', fault: 'private_address', latencyMs: 0 }
      const signal = AbortSignal.timeout(timeoutMs)
      try {
        const answer = await request(url, { method: 'POST', headers, body, dispatcher: agent, signal })
        // The status is known; what follows is read only to be done with it.
        await answer.body.dump({ limit: READ_BYTES, signal }).catch(() => undefined)
        const asked = answer.headers['retry-after']
        const retryAfterMs = typeof asked === 'string' ? parseRetryAfter(asked, clock.now()) : null
        return { kind: 'answered', status: answer.statusCode, retryAfterMs, latencyMs: latencyMs() }
      } catch (error) {
        return { kind: 'unanswered', fault: faultOf(error, signal.aborted), latencyMs: latencyMs() }
      }
    },
    destroy: () => agent.destroy(),
  }
}
