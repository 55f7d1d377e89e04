import { Pool } from 'undici'

import { SECOND_MS } from '#server/base/duration.ts'

import type { FailureReason } from '../../failures.ts'
import { exchange } from './exchange.ts'
import type { HttpReply, HttpRequest } from './exchange.ts'

export const PUBLIC_API_ROOT = 'https://api.telegram.org'

export interface HttpTransportOptions {
  /** Sockets for calls, per server; more calls at once wait for one. 256 carry 256 / latency calls a second. */
  readonly connections?: number
  readonly connectTimeoutMs?: number
  /** From the call to the last byte of the answer, waiting for a socket included; 10 s. */
  readonly callTimeoutMs?: number
}

export interface TransportRequest extends Omit<HttpRequest, 'timeoutMs'> {
  readonly apiRoot: string
  /** Replaces the transport's own deadline. */
  readonly timeoutMs?: number | undefined
  /** Long polls hold a socket for most of a minute and must not take those of the sends. */
  readonly lane: 'calls' | 'polls'
}

export interface FileRequest {
  readonly apiRoot: string
  /** Holds the token, so it never goes into a log or an error. */
  readonly path: string
  readonly maxBytes: number
}

export type FileReply =
  | { readonly kind: 'file'; readonly bytes: Uint8Array }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'failed'; readonly reason: FailureReason }

/** One keep-alive pool per server and lane. Lives as long as the process; `close` waits for running requests. */
export interface HttpTransport {
  request(request: TransportRequest): Promise<HttpReply>
  /** One file; read no further than `maxBytes`. */
  download(request: FileRequest): Promise<FileReply>
  close(): Promise<void>
}

interface Server {
  readonly prefix: string
  readonly pools: Readonly<Record<TransportRequest['lane'], Pool>>
}

const LARGEST_ANSWER_BYTES = 32 * 1024 * 1024

/** Opens sockets only when called. Never repeats a request: only the caller knows whether that does harm. */
export const createHttpTransport = (options: HttpTransportOptions = {}): HttpTransport => {
  const servers = new Map<string, Server>()
  const callTimeoutMs = options.callTimeoutMs ?? 10 * SECOND_MS
  let isClosed = false

  const open = (apiRoot: string): Server | undefined => {
    const known = servers.get(apiRoot)
    if (known) return known
    if (!URL.canParse(apiRoot)) return undefined
    const { origin, pathname, protocol } = new URL(apiRoot)
    if (protocol !== 'https:' && protocol !== 'http:') return undefined
    const pool = (connections: number | null) =>
      new Pool(origin, {
        connections,
        pipelining: 1,
        allowH2: false,
        connect: { timeout: options.connectTimeoutMs ?? 5 * SECOND_MS },
        maxResponseSize: LARGEST_ANSWER_BYTES,
        // The deadline of the whole exchange is kept in exchange.ts.
        headersTimeout: 0,
        bodyTimeout: 0,
      })
    const server = {
      prefix: pathname.replace(/\/+$/, ''),
      pools: { calls: pool(options.connections ?? 256), polls: pool(null) },
    }
    servers.set(apiRoot, server)
    return server
  }

  return {
    request(request) {
      const server = isClosed ? undefined : open(request.apiRoot)
      if (!server) return Promise.resolve({ kind: 'failed', reason: 'connection_failed' })
      return exchange(server.pools[request.lane], {
        path: server.prefix + request.path,
        body: request.body,
        timeoutMs: request.timeoutMs ?? callTimeoutMs,
        signal: request.signal,
      })
    },
    async download({ apiRoot, path, maxBytes }) {
      const server = isClosed ? undefined : open(apiRoot)
      if (!server) return { kind: 'failed', reason: 'connection_failed' }
      try {
        const signal = AbortSignal.timeout(callTimeoutMs)
        const { statusCode, body } = await server.pools.calls.request({
          path: server.prefix + path,
          method: 'GET',
          signal,
        })
        if (statusCode !== 200) {
          await body.dump()
          return { kind: 'failed', reason: 'media_unusable' }
        }
        const chunks: Buffer[] = []
        let size = 0
        for await (const chunk of body as AsyncIterable<Buffer>) {
          size += chunk.length
          // Leaving the loop ends the connection: the rest is not fetched.
          if (size > maxBytes) return { kind: 'too_large' }
          chunks.push(chunk)
        }
        return { kind: 'file', bytes: Buffer.concat(chunks) }
      } catch {
        return { kind: 'failed', reason: 'connection_cut' }
      }
    },
    async close() {
      isClosed = true
      const pools = [...servers.values()].flatMap(({ pools }) => [pools.calls, pools.polls])
      servers.clear()
      await Promise.all(pools.map((pool) => pool.close()))
    },
  }
}
