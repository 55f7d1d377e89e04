import { AppError, invalid } from '#server/base/errors.ts'
import { fileTypeOf } from '#server/base/file-type.ts'

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

/** A logo as it may be kept. Errors: `invalid` with `brand_logo_size`, `brand_logo_type`. */
export const checkLogo = (bytes: Uint8Array): Logo => {
  if (bytes.length > LOGO_BYTES_MAX)
    throw invalid('brand_logo_size', 'logo', {
      max: LOGO_BYTES_MAX / 1024,
      given: Math.ceil(bytes.length / 1024),
    })
  const found = fileTypeOf(bytes)
  const type = LOGO_TYPES.find((known) => known === found)
  if (type === undefined) throw new AppError('invalid', 'brand_logo_type', { field: 'logo' })
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
