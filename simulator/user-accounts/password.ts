import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { DH_GENERATOR, DH_PRIME, modPow, sha256, toBigInt, toBytes, xor } from '#simulator/mtproto/arithmetic.ts'

/** What the server keeps of a password: nothing that reveals it (core.telegram.org/api/srp). */
export type PasswordVerifier = {
  readonly salt1: Buffer
  readonly salt2: Buffer
  readonly verifier: bigint
  readonly hint: string | undefined
}

const GENERATOR = BigInt(DH_GENERATOR)
const ROUNDS = 100_000

export function createVerifier(password: string, hint?: string): PasswordVerifier {
  const salt1 = randomBytes(40)
  const salt2 = randomBytes(16)
  const salted = (data: Uint8Array, salt: Uint8Array): Buffer => sha256(salt, data, salt)
  const first = salted(salted(Buffer.from(password), salt1), salt2)
  const second = salted(pbkdf2Sync(first, salt1, ROUNDS, 64, 'sha512'), salt2)
  return { salt1, salt2, verifier: modPow(GENERATOR, toBigInt(second)), hint }
}

/** The server's half of one SRP run: a secret, and what is shown of it. */
export function offerPasswordCheck({ verifier }: PasswordVerifier): {
  readonly secret: bigint
  readonly offered: bigint
} {
  const secret = toBigInt(randomBytes(256)) % DH_PRIME
  const multiplier = toBigInt(sha256(toBytes(DH_PRIME), toBytes(GENERATOR)))
  return { secret, offered: (multiplier * verifier + modPow(GENERATOR, secret)) % DH_PRIME }
}

/** Whether the client's proof can only come from one who knows the password. */
export function isPasswordProof(
  { salt1, salt2, verifier }: PasswordVerifier,
  { secret, offered }: { readonly secret: bigint; readonly offered: bigint },
  answer: { readonly A: Uint8Array; readonly M1: Uint8Array },
): boolean {
  const clientPublic = toBigInt(answer.A)
  if (clientPublic % DH_PRIME === 0n) return false
  const shared = toBytes(clientPublic)
  const scrambler = toBigInt(sha256(shared, toBytes(offered)))
  const key = sha256(toBytes(modPow(clientPublic * modPow(verifier, scrambler), secret)))
  const expected = sha256(
    xor(sha256(toBytes(DH_PRIME)), sha256(toBytes(GENERATOR))),
    sha256(salt1),
    sha256(salt2),
    shared,
    toBytes(offered),
    key,
  )
  return expected.equals(answer.M1)
}
