import { AppError, invalid } from '#server/base/errors.ts'

import { type AccentColours, accentColours, isColour } from './colour.rules.ts'

export const LOGO_TYPES = ['image/png', 'image/jpeg', 'image/webp'] as const
export type LogoType = (typeof LOGO_TYPES)[number]

const LOGO_BYTES_MAX = 256 * 1024
const NAME_MAX = 60

/** What a tenant chose for itself; null is the product's own. */
export interface BrandChoice {
  /** 1–60 characters. */
  readonly name: string | null
  /** `#rrggbb`, lower case. */
  readonly accent: string | null
}

/** How a tenant calls itself and looks. */
export interface Brand extends BrandChoice {
  readonly tenantId: number
  /** Below the server's address; null without a logo. */
  readonly logoPath: string | null
  /** How the accent is drawn; null where the product's own colours are. */
  readonly colours: AccentColours | null
}

export interface Logo {
  readonly type: LogoType
  readonly bytes: Uint8Array
}

/** Where a logo is, below the server's address. */
export const logoPath = (tenantId: number, hash: string): string => `/brand/${tenantId}/${hash}`

/** The accent in lower case. Errors: `invalid/field_form`. */
export const checkAccent = (given: string): string => {
  const accent = given.trim().toLowerCase()
  if (!isColour(accent)) throw invalid('field_form', 'accent', { example: '#0a66a8' })
  return accent
}

/** What was chosen, trimmed. Errors: `invalid` with `text_length`, `field_form`. */
export const checkBrand = ({ name, accent }: BrandChoice): BrandChoice => {
  const trimmed = name === null ? null : name.trim()
  if (trimmed !== null && (trimmed.length === 0 || trimmed.length > NAME_MAX))
    throw invalid('text_length', 'name', { min: 1, max: NAME_MAX, length: trimmed.length })
  return { name: trimmed, accent: accent === null ? null : checkAccent(accent) }
}

const beginsWith = (bytes: Uint8Array, at: number, signature: readonly number[]): boolean =>
  signature.every((byte, i) => bytes[at + i] === byte)

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const JPEG = [0xff, 0xd8, 0xff]
const RIFF = [0x52, 0x49, 0x46, 0x46]
const WEBP = [0x57, 0x45, 0x42, 0x50]

/** What a file is by its first bytes, whatever it is called; null for what is no picture that we serve. */
const typeOf = (bytes: Uint8Array): LogoType | null => {
  if (beginsWith(bytes, 0, PNG)) return 'image/png'
  if (beginsWith(bytes, 0, JPEG)) return 'image/jpeg'
  return beginsWith(bytes, 0, RIFF) && beginsWith(bytes, 8, WEBP) ? 'image/webp' : null
}

/** A logo as it may be kept. Errors: `invalid` with `brand_logo_size`, `brand_logo_type`. */
export const checkLogo = (bytes: Uint8Array): Logo => {
  if (bytes.length > LOGO_BYTES_MAX)
    throw invalid('brand_logo_size', 'logo', {
      max: LOGO_BYTES_MAX / 1024,
      given: Math.ceil(bytes.length / 1024),
    })
  const type = typeOf(bytes)
  if (type === null) throw new AppError('invalid', 'brand_logo_type', { field: 'logo' })
  return { type, bytes }
}

/** The product's own look. */
export const plainBrand = (tenantId: number): Brand => ({
  tenantId,
  name: null,
  accent: null,
  logoPath: null,
  colours: null,
})

export const coloursOf = (accent: string | null): AccentColours | null =>
  accent === null ? null : accentColours(accent)
