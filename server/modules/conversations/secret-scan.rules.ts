import { type AppError, invalid } from '#server/base/errors.ts'
import { normalizeIban } from '#server/base/iban.ts'

/** What never lives in a persona; a word of `words:secret`. */
export type SecretKind = 'token' | 'api_key' | 'password' | 'session' | 'phone' | 'iban' | 'card' | 'papara'

/** Names under which legacy files keep secrets, folded to letters and digits. */
const KEYS: readonly (readonly [RegExp, SecretKind])[] = [
  [/^(bot|access|refresh|auth|bearer)?tokens?$/, 'token'],
  [/(api|private|secret|auth|encryption)key|^apihash$|^apiid$|^secret$|clientsecret/, 'api_key'],
  [/password|passwd|passphrase|sifre|parola|twofa|^2fa|pincode/, 'password'],
  [/session(string|file|key|data|path)?$|stringsession/, 'session'],
  [/phone|telefon|gsmno|ceptel/, 'phone'],
  [/iban/, 'iban'],
  [/cardnumber|kartno|kartnumara|cardno|^cv[vc]\d?$/, 'card'],
  [/papara/, 'papara'],
]

/** A longer name is no name. */
const KEY_LENGTH_MAX = 40

const foldKey = (key: string): string =>
  key
    .normalize('NFKD')
    .toLowerCase()
    .replace(/ı/g, 'i')
    .replace(/[^a-z0-9]/g, '')

/** Digits of any script as 0–9, and none of the characters that cannot be seen. */
const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))

/** ISO/IEC 7812: every second digit from the right counts double. */
const passesLuhn = (digits: string): boolean => {
  let sum = 0
  for (let i = 0; i < digits.length; i += 1) {
    const digit = Number(digits.at(-1 - i))
    sum += i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2
  }
  return sum % 10 === 0
}

const hasCard = (text: string): boolean =>
  [...text.matchAll(/(?<![\d])[2-6](?:[ .-]?\d){12,18}(?!\d)/g)].some(([found]) => passesLuhn(found.replace(/\D/g, '')))

/** Written in groups or not; what follows an IBAN may touch it, so each end is tried. */
const hasIban = (text: string): boolean =>
  [...text.toUpperCase().matchAll(/(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ .-]?[A-Z0-9]){11,40}/g)].some(([found]) => {
    const joined = found.replace(/[ .-]/g, '')
    for (let length = 15; length <= Math.min(34, joined.length); length += 1)
      if (normalizeIban(joined.slice(0, length)) !== null) return true
    return false
  })

const hasPhone = (text: string): boolean =>
  /(?<!\d)\+\d(?:[ ().-]*\d){7,14}(?!\d)/.test(text) ||
  /(?<!\d)(?:(?:00)?90|0)[ ().-]*[2-58]\d{2}[ ().-]*\d{3}[ .-]*\d{2}[ .-]*\d{2}(?!\d)/.test(text) ||
  /(?<!\d)5\d{2}[ ).-]+\d{3}[ .-]*\d{2}[ .-]*\d{2}(?!\d)/.test(text)

/** A run that nobody types: long, and of all kinds of characters. */
const hasSession = (text: string): boolean =>
  [...text.matchAll(/[A-Za-z0-9+/_=-]{100,}/g)].some(
    ([run]) => /[a-z]/.test(run) && /[A-Z]/.test(run) && /\d/.test(run),
  )

const VALUES: readonly (readonly [SecretKind, (text: string) => boolean])[] = [
  ['token', (text) => /\d{5,20}:[A-Za-z0-9_-]{30,}/.test(text) || /\beyJ[\w-]{10,}\.[\w-]{10,}\./.test(text)],
  [
    'api_key',
    (text) =>
      /\b(?:sk|pk|rk)[-_](?:[a-z]+[-_])?[A-Za-z0-9_-]{16,}|\bgh[pousr]_\w{20,}|\bAKIA[0-9A-Z]{12,}|PRIVATE KEY-----|\b(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{32,}\b/i.test(
        text,
      ),
  ],
  ['session', hasSession],
  ['password', (text) => /(?:password|parola|şifre|пароль|كلمة السر)\s*[:=]\s*\S{4,}/iu.test(text)],
  ['iban', hasIban],
  ['card', hasCard],
  ['papara', (text) => /papara[^\d]{0,30}\d{10}(?!\d)/i.test(text)],
  ['phone', hasPhone],
]

const DEPTH_MAX = 12

const childrenOf = (value: object): readonly (readonly [string, unknown])[] =>
  Array.isArray(value) ? value.map((inner, i) => [`[${i}]`, inner]) : Object.entries(value)

/** Every value of a JSON with its path, the first first. Errors: `invalid/persona_too_deep`. */
function* walk(root: unknown): Generator<{ readonly path: string; readonly key: string; readonly value: unknown }> {
  const open: { readonly path: string; readonly key: string; readonly value: unknown; readonly depth: number }[] = [
    { path: '', key: '', value: root, depth: 0 },
  ]
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at.depth > DEPTH_MAX) throw invalid('persona_too_deep', at.path.slice(0, 60), { max: DEPTH_MAX })
    yield at
    const { path, value, depth } = at
    if (typeof value !== 'object' || value === null) continue
    for (const [key, inner] of childrenOf(value).toReversed()) {
      const joined = key.startsWith('[') || path === '' ? `${path}${key}` : `${path}.${key}`
      open.push({ path: joined, key, value: inner, depth: depth + 1 })
    }
  }
}

const kindOf = (key: string, value: unknown): SecretKind | null => {
  const folded = foldKey(key)
  const named = key.length <= KEY_LENGTH_MAX && KEYS.find(([pattern]) => pattern.test(folded))
  if (named && value !== null && value !== false && value !== '') return named[1]
  if (typeof value !== 'string' && typeof value !== 'number') return null
  const text = plain(String(value))
  return VALUES.find(([, has]) => has(text))?.[0] ?? null
}

/** Every secret, phone number or piece of bank data in a JSON, as refusals. Errors: as {@link refuseSecrets}. */
export function* findSecretFaults(json: unknown): Generator<AppError> {
  for (const { path, key, value } of walk(json)) {
    const kind = kindOf(key, value) ?? (key.startsWith('[') ? null : kindOf('', key))
    // A name that is itself the secret is not repeated.
    if (kind !== null) yield secretAt(kindOf('', key) === null ? path : path.slice(0, -key.length) + '…', kind)
  }
}

/**
 * Refuses a JSON that holds a secret, a phone number or bank data anywhere: in a value, in a name, or under a name that
 * is for one. Errors: `invalid/persona_secret` with the path and the kind, never what was found; `invalid/persona_too_deep`.
 */
export const refuseSecrets = (json: unknown): void => {
  for (const fault of findSecretFaults(json)) throw fault
}

const secretAt = (path: string, kind: SecretKind): AppError => invalid('persona_secret', path || 'JSON', { kind })

/** The kind of secret, phone number or bank data that a text holds; null for none. */
export const findSecret = (text: string): SecretKind | null => kindOf('', text)
