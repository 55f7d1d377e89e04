import { constants, type KeyObject, privateDecrypt, randomBytes } from 'node:crypto'
import { generateKeyAndIvFromNonce, type ICryptoProvider } from '@mtcute/core/utils.js'
import { Long } from '@mtcute/core'
import { systemSimulatorClock } from '#simulator/clock.ts'
import { DH_GENERATOR, DH_PRIME, modPow, sha1, sha256, toBigInt, toBytes, xor } from '#simulator/mtproto/arithmetic.ts'
import { createReader, readRequest, type TlRequest, writeObject } from '#simulator/mtproto/schema.ts'

/** What a key exchange needs of the server. */
export type HandshakeDeps = {
  readonly crypto: ICryptoProvider
  readonly privateKey: KeyObject
  /** Of the public key, 16 hexadecimal digits. */
  readonly fingerprint: string
  /** Told of every key agreed on. */
  readonly onKey: (key: AuthKey) => void
}

export type AuthKey = {
  /** 16 hexadecimal digits. */
  readonly id: string
  readonly bytes: Buffer
  /** The server salt a client begins with. */
  readonly salt: Buffer
}

/** Two primes whose product a client has to factorise; small ones spare it the work. */
const PQ = { p: 65_521n, q: 65_537n }

type Exchange = {
  readonly nonce: Uint8Array
  readonly serverNonce: Buffer
  newNonce: Buffer
  secret: bigint
}

/**
 * The server's half of the Diffie-Hellman key exchange (core.telegram.org/mtproto/auth_key), one for each connection.
 * Answers the bytes of each unencrypted message; throws on a message out of turn or one that does not decrypt.
 */
export function createHandshake(deps: HandshakeDeps): (message: TlRequest) => Buffer {
  let exchange: Exchange | null = null
  return (message) => {
    switch (message._) {
      case 'mt_req_pq_multi': {
        exchange = {
          nonce: message['nonce'] as Uint8Array,
          serverNonce: randomBytes(16),
          newNonce: Buffer.alloc(0),
          secret: 0n,
        }
        return offer(deps, exchange)
      }
      case 'mt_req_DH_params':
        return sendParameters(deps, expect(exchange), message['encryptedData'] as Uint8Array)
      case 'mt_set_client_DH_params':
        return agree(deps, expect(exchange), message['encryptedData'] as Uint8Array)
      default:
        throw new Error(`${message._} is no part of a key exchange`)
    }
  }
}

function expect(exchange: Exchange | null): Exchange {
  if (!exchange) throw new Error('the key exchange has not begun')
  return exchange
}

function offer({ fingerprint }: HandshakeDeps, { nonce, serverNonce }: Exchange): Buffer {
  return writeObject({
    _: 'mt_resPQ',
    nonce,
    serverNonce,
    pq: toBytes(PQ.p * PQ.q, 8),
    serverPublicKeyFingerprints: [Long.fromString(fingerprint, true, 16)],
  } as { readonly _: string })
}

function sendParameters(deps: HandshakeDeps, exchange: Exchange, encrypted: Uint8Array): Buffer {
  const inner = readRequest(createReader(openRsaPad(deps, encrypted)))
  exchange.newNonce = Buffer.from(inner['newNonce'] as Uint8Array)
  exchange.secret = toBigInt(randomBytes(256)) % DH_PRIME
  const parameters = writeObject({
    _: 'mt_server_DH_inner_data',
    nonce: exchange.nonce,
    serverNonce: exchange.serverNonce,
    g: DH_GENERATOR,
    dhPrime: toBytes(DH_PRIME),
    gA: toBytes(modPow(BigInt(DH_GENERATOR), exchange.secret)),
    serverTime: Math.floor(systemSimulatorClock.now() / 1000),
  } as { readonly _: string })
  const hashed = Buffer.concat([sha1(parameters), parameters])
  const padded = Buffer.concat([hashed, randomBytes((16 - (hashed.length % 16)) % 16)])
  return writeObject({
    _: 'mt_server_DH_params_ok',
    nonce: exchange.nonce,
    serverNonce: exchange.serverNonce,
    encryptedAnswer: exchangeCipher(deps, exchange).encrypt(padded),
  } as { readonly _: string })
}

/** Undoes RSA_PAD: the data lies reversed under a key that its own hash has been folded into. */
function openRsaPad({ crypto, privateKey }: HandshakeDeps, encrypted: Uint8Array): Buffer {
  const raw = privateDecrypt({ key: privateKey, padding: constants.RSA_NO_PADDING }, encrypted)
  const sealed = raw.subarray(32)
  const key = xor(raw.subarray(0, 32), sha256(sealed))
  const opened = Buffer.from(crypto.createAesIge(key, Buffer.alloc(32)).decrypt(sealed))
  const data = Buffer.from(opened.subarray(0, 192)).reverse()
  if (!sha256(key, data).equals(opened.subarray(192))) throw new Error('the RSA_PAD hash is wrong')
  return data
}

function exchangeCipher({ crypto }: HandshakeDeps, { serverNonce, newNonce }: Exchange) {
  const [key, iv] = generateKeyAndIvFromNonce(crypto, serverNonce, newNonce)
  return crypto.createAesIge(key, iv)
}

function agree(deps: HandshakeDeps, exchange: Exchange, encrypted: Uint8Array): Buffer {
  const opened = Buffer.from(exchangeCipher(deps, exchange).decrypt(encrypted))
  // The inner data follows its own SHA-1.
  const inner = readRequest(createReader(opened, 20))
  const bytes = toBytes(modPow(toBigInt(inner['gB'] as Uint8Array), exchange.secret))
  const hash = sha1(bytes)
  const salt = xor(exchange.newNonce.subarray(0, 8), exchange.serverNonce)
  deps.onKey({ id: hash.subarray(12, 20).toString('hex'), bytes, salt })
  return writeObject({
    _: 'mt_dh_gen_ok',
    nonce: exchange.nonce,
    serverNonce: exchange.serverNonce,
    newNonceHash1: sha1(exchange.newNonce, Buffer.from([1]), hash.subarray(0, 8)).subarray(4, 20),
  } as { readonly _: string })
}
