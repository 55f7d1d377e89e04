import type { IncomingMessage, ServerResponse } from 'node:http'
import { timingSafeEqual } from 'node:crypto'
import { ControlError } from '#simulator/control/control.ts'
import { describeControls, isQuery, runControl } from '#simulator/control/controls.ts'
import type { SimulatorParts } from '#simulator/control/parts.ts'

/**
 * The control API over HTTP: `POST /__sim/<control>` with its input as JSON, `GET` for controls that only look,
 * `GET /__sim` for the list. Answers `{ok: true, result}` or `{ok: false, error}`; with a token set, requests carry it
 * as `Authorization: Bearer`.
 */
export function createControlHandler(parts: SimulatorParts, token: string | undefined) {
  return (request: IncomingMessage, body: Buffer, response: ServerResponse): void => {
    if (token !== undefined && !isAuthorised(request, token)) {
      send(response, 401, { ok: false, error: 'send the control token as Authorization: Bearer' })
      return
    }
    const url = new URL(request.url ?? '/', 'http://simulator')
    const name = url.pathname.replace(/^\/__sim\/?/, '')
    if (name === '') {
      send(response, 200, { ok: true, result: describeControls() })
      return
    }
    if (request.method !== 'POST' && !isQuery(name)) {
      send(response, 405, { ok: false, error: `${name} changes the world: use POST` })
      return
    }
    void answer(parts, name, () => (body.length > 0 ? JSON.parse(body.toString('utf8')) : queryInput(url)), response)
  }
}

async function answer(
  parts: SimulatorParts,
  name: string,
  readInput: () => unknown,
  response: ServerResponse,
): Promise<void> {
  try {
    send(response, 200, { ok: true, result: (await runControl(parts, name, readInput())) ?? null })
  } catch (error) {
    const isRefused = error instanceof ControlError || error instanceof RangeError || error instanceof SyntaxError
    send(response, isRefused ? 400 : 500, { ok: false, error: error instanceof Error ? error.message : 'failed' })
  }
}

/** Query values are JSON where they parse as such, text otherwise. */
function queryInput(url: URL): Record<string, unknown> {
  return Object.fromEntries(
    [...url.searchParams].map(([key, value]) => [
      key,
      /^(-?\d+(\.\d+)?|true|false)$/.test(value) ? JSON.parse(value) : value,
    ]),
  )
}

function isAuthorised(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from((request.headers.authorization ?? '').replace(/^Bearer /, ''))
  const wanted = Buffer.from(token)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
