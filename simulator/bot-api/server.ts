import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Answer } from '#simulator/bot-api/answer.ts'
import { BotApiError } from '#simulator/bot-api/errors.ts'
import { readParams } from '#simulator/bot-api/read-params.ts'
import type { Router } from '#simulator/bot-api/router.ts'
import type { World } from '#simulator/world/types.ts'

export type HttpDeps = {
  readonly world: World
  readonly router: Router
  /** Real ms every Bot API answer takes at least; read at each request, so it can be changed. */
  readonly latency: { ms: number }
  /** Told about an error that is the simulator's own. */
  readonly onBug: (error: unknown) => void
  /** Answers /__sim requests. */
  readonly control: (request: IncomingMessage, body: Buffer, response: ServerResponse) => void
}

/** Bodies larger than Telegram's largest upload are refused. */
const MAX_BODY_BYTES = 52_428_800

/** Creates the HTTP server of the Bot API, its files and the control API; it does not listen yet. */
export function createHttpServer(deps: HttpDeps): Server {
  const server = createServer((request, response) => {
    readBody(request, response, (body) => {
      try {
        route(deps, request, response, body)
      } catch (error) {
        reportBug(deps, response, error)
      }
    })
  })
  server.keepAliveTimeout = 75_000
  return server
}

function readBody(request: IncomingMessage, response: ServerResponse, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = []
  let size = 0
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= MAX_BODY_BYTES) chunks.push(chunk)
  })
  request.on('end', () => {
    if (size > MAX_BODY_BYTES) sendError(response, 413, 'Request Entity Too Large')
    else done(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
  })
}

function route(deps: HttpDeps, request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const url = request.url ?? '/'
  if (url.startsWith('/bot')) runBotCall(deps, request, response, body, url)
  else if (url.startsWith('/file/bot')) sendFile(deps.world, url, response)
  else if (url.startsWith('/__sim')) deps.control(request, body, response)
  else sendError(response, 404, 'Not Found')
}

function runBotCall(
  deps: HttpDeps,
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  url: string,
): void {
  const questionMark = url.indexOf('?')
  const path = questionMark < 0 ? url : url.slice(0, questionMark)
  const slash = path.indexOf('/', 4)
  if (slash < 0) {
    sendError(response, 404, 'Not Found')
    return
  }
  const token = decodePart(path.slice(4, slash))
  const method = path.slice(slash + 1).replace(/^test\//, '')
  const params = tryReadParams(
    questionMark < 0 ? '' : url.slice(questionMark + 1),
    request.headers['content-type'],
    body,
  )
  const answer = deps.router.run(token, method, params, () => signalOf(response))
  if (answer instanceof Promise) {
    answer.then(
      (ready) => respondLater(deps, response, ready),
      (error: unknown) => reportBug(deps, response, error),
    )
  } else respondLater(deps, response, answer)
}

/** Aborts when the client goes away; made only for calls that wait. */
function signalOf(response: ServerResponse): AbortSignal {
  const abort = new AbortController()
  response.on('close', () => abort.abort(new Error('the client went away')))
  return abort.signal
}

function reportBug(deps: HttpDeps, response: ServerResponse, error: unknown): void {
  deps.onBug(error)
  sendError(response, 500, 'Internal Server Error: the simulator failed, see its output')
}

function decodePart(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A body that cannot be read is reported only after the token and the method were found good. */
function tryReadParams(
  query: string,
  contentType: string | undefined,
  body: Buffer,
): Record<string, unknown> | BotApiError {
  try {
    return readParams(query, contentType, body)
  } catch (error) {
    if (error instanceof BotApiError) return error
    throw error
  }
}

function respondLater(deps: HttpDeps, response: ServerResponse, answer: Answer): void {
  const delayMs = deps.latency.ms + answer.delayMs
  if (delayMs > 0) setTimeout(respond, delayMs, response, answer)
  else respond(response, answer)
}

function respond(response: ServerResponse, answer: Answer): void {
  if (response.destroyed || answer.kind === 'hang') return
  if (answer.kind === 'drop') {
    response.destroy()
    return
  }
  response.writeHead(answer.status, {
    'content-type': answer.kind === 'json' ? 'application/json' : 'text/html',
    'content-length': Buffer.byteLength(answer.body),
  })
  response.end(answer.body)
}

function sendError(response: ServerResponse, code: number, description: string): void {
  const body = JSON.stringify({ ok: false, error_code: code, description })
  respond(response, { kind: 'json', status: code, body, delayMs: 0 })
}

function sendFile(world: World, url: string, response: ServerResponse): void {
  const match = /^\/file\/bot([^/]+)\/(.+)$/.exec(url)
  const bot = match?.[1] === undefined ? undefined : world.botsByToken.get(decodePart(match[1]))
  if (!bot || bot.isRevoked) {
    sendError(response, 401, 'Unauthorized')
    return
  }
  const path = match?.[2]
  for (const file of world.files.values()) {
    if (file.path !== path) continue
    const bytes = file.bytes ?? Buffer.alloc(file.size)
    response.writeHead(200, { 'content-type': file.mime, 'content-length': bytes.length })
    response.end(bytes)
    return
  }
  sendError(response, 404, 'Not Found')
}
