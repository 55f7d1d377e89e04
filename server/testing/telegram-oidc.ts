import { type JsonWebKey, createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const CLIENT = { id: '7000000001', secret: 'client-secret' }
const KEY_ID = 'key-1'

interface Grant {
  readonly telegramId: number
  readonly nonce: string | null
  readonly challenge: string
  readonly returnUrl: string
}

type Claims = Readonly<Record<string, unknown>>

export interface TelegramOidc {
  readonly settings: { readonly clientId: string; readonly clientSecret: string; readonly issuer: string }
  /** What the person does on Telegram's page at this address; gives where they are sent back to. */
  agree(page: string, telegramId: number): string
  refuse(page: string): string
  /** Changes the claims of tokens from now on. */
  claim(change: Claims): void
  /** Signs from now on with a key that is not among the published ones. */
  forge(): void
  /** How often somebody asked for tokens. */
  readonly asked: () => number
  close(): Promise<void>
}

const bodyOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return new URLSearchParams(Buffer.concat(parts).toString())
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 })

/** A stand-in for Telegram's log-in: published keys, codes that are good once, PKCE and the client's secret checked. */
export const startTelegramOidc = async (returnUrl: string): Promise<TelegramOidc> => {
  const own = rsa()
  let signing = own.privateKey
  let change: Claims = {}
  let asked = 0
  const grants = new Map<string, Grant>()

  const idToken = (issuer: string, { telegramId, nonce }: Grant): string => {
    const now = Math.floor(Date.now() / 1_000)
    const claims = {
      iss: issuer,
      aud: CLIENT.id,
      sub: `subject-${telegramId}`,
      id: telegramId,
      name: 'Ayşe',
      iat: now,
      exp: now + 300,
      ...(nonce !== null && { nonce }),
      ...change,
    }
    const text = `${encode({ alg: 'RS256', typ: 'JWT', kid: KEY_ID })}.${encode(claims)}`
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), signing).toString('base64url')}`
  }

  const answerToken = async (issuer: string, request: IncomingMessage) => {
    asked += 1
    const basic = Buffer.from(`${CLIENT.id}:${CLIENT.secret}`).toString('base64')
    if (request.headers.authorization !== `Basic ${basic}`) return { status: 401, body: { error: 'invalid_client' } }
    const fields = await bodyOf(request)
    const code = fields.get('code') ?? ''
    const grant = grants.get(code)
    grants.delete(code)
    const challenge = createHash('sha256')
      .update(fields.get('code_verifier') ?? '')
      .digest('base64url')
    if (grant?.challenge !== challenge || grant.returnUrl !== fields.get('redirect_uri'))
      return { status: 400, body: { error: 'invalid_grant' } }
    const body = { access_token: randomBytes(16).toString('hex'), token_type: 'Bearer', expires_in: 300, id_token: idToken(issuer, grant) } // prettier-ignore
    return { status: 200, body }
  }

  const answer = async (issuer: string, request: IncomingMessage): Promise<{ status: number; body: object }> => {
    switch (request.url) {
      case '/.well-known/openid-configuration':
        return {
          status: 200,
          body: {
            issuer,
            authorization_endpoint: `${issuer}/auth`,
            token_endpoint: `${issuer}/token`,
            jwks_uri: `${issuer}/jwks`,
            response_types_supported: ['code'],
            subject_types_supported: ['public'],
            id_token_signing_alg_values_supported: ['RS256'],
            code_challenge_methods_supported: ['S256'],
          },
        }
      case '/jwks': {
        const key: JsonWebKey = own.publicKey.export({ format: 'jwk' })
        return { status: 200, body: { keys: [{ ...key, kid: KEY_ID, alg: 'RS256', use: 'sig' }] } }
      }
      case '/token':
        return answerToken(issuer, request)
      default:
        return { status: 404, body: {} }
    }
  }

  const server = createServer((request, reply) => {
    void answer(issuerOf(), request).then(({ status, body }) => {
      reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })
  const issuerOf = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))

  const backFrom = (page: string, answered: (asked: URLSearchParams) => Record<string, string>): string => {
    const { searchParams } = new URL(page)
    const isKnown = searchParams.get('client_id') === CLIENT.id && searchParams.get('redirect_uri') === returnUrl
    if (!isKnown || searchParams.get('code_challenge_method') !== 'S256') throw new Error(`not our client: ${page}`)
    const back = new URL(returnUrl)
    const state = searchParams.get('state') ?? ''
    for (const [name, value] of Object.entries({ ...answered(searchParams), state })) back.searchParams.set(name, value)
    return back.href
  }

  return {
    settings: { clientId: CLIENT.id, clientSecret: CLIENT.secret, issuer: issuerOf() },
    agree: (page, telegramId) =>
      backFrom(page, (given) => {
        const code = randomBytes(16).toString('hex')
        const challenge = given.get('code_challenge') ?? ''
        grants.set(code, { telegramId, nonce: given.get('nonce'), challenge, returnUrl })
        return { code }
      }),
    refuse: (page) => backFrom(page, () => ({ error: 'access_denied' })),
    claim: (next) => void (change = next),
    forge: () => void (signing = rsa().privateKey),
    asked: () => asked,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  }
}
