import { z } from 'zod'

import { route } from './route.ts'
import { LOCALES } from './words.ts'

const text = z.string().max(200)
const hour = z.number().int().min(0).max(24)

const settings = z
  .object({
    slug: z.string(),
    name: z.string(),
    /** Who commercial messages say they come from. */
    senderName: z.string(),
    locale: z.enum(LOCALES),
    timeZone: z.string(),
    /** Nothing commercial is sent from this hour on, in the reader's own time … */
    quietFromHour: hour,
    /** … until this one. */
    quietToHour: hour,
  })
  .meta({ id: 'TenantSettings' })

const colours = z.object({
  /** In light surroundings: legible on white, and under white. */
  onLight: z.string(),
  /** In dark surroundings. */
  onDark: z.string(),
  /** Whether light surroundings show another colour than was chosen, so that text can be read. */
  isAdjusted: z.boolean(),
  /** Of the chosen colour against white; WCAG AA asks 4.5. */
  contrast: z.number(),
})

const brand = z
  .object({
    name: z.string().nullable(),
    accent: z.string().nullable(),
    colours: colours.nullable(),
    /** Below the server's address. */
    logoPath: z.string().nullable(),
  })
  .meta({ id: 'Brand' })

export const tenant = {
  get: route({
    method: 'GET',
    path: '/api/v1/tenant',
    summary: 'What the tenant decided about itself.',
    access: 'tenant.view',
    response: settings,
  }),
  update: route({
    method: 'PATCH',
    path: '/api/v1/tenant',
    summary: 'Changes name, sender, language, time zone or quiet hours; the night can only be made longer.',
    access: 'tenant.update',
    body: z.strictObject({
      name: text.optional(),
      senderName: text.optional(),
      locale: z.enum(LOCALES).optional(),
      timeZone: text.optional(),
      quietFromHour: z.number().optional(),
      quietToHour: z.number().optional(),
    }),
    response: settings,
  }),
  getBrand: route({
    method: 'GET',
    path: '/api/v1/tenant/brand',
    summary: 'How the tenant calls itself and looks in the panel and on its pages.',
    access: 'tenant.view',
    response: brand,
  }),
  setBrand: route({
    method: 'PUT',
    path: '/api/v1/tenant/brand',
    summary: 'Sets name and accent colour; null is the product’s own. A colour that cannot be read is drawn darker.',
    access: 'tenant.update',
    body: z.strictObject({ name: text.nullable(), accent: z.string().max(20).nullable() }),
    response: brand,
  }),
  colours: route({
    method: 'GET',
    path: '/api/v1/tenant/brand/colours',
    summary: 'How an accent would be drawn.',
    access: 'tenant.view',
    query: z.object({ accent: z.string().max(20) }),
    response: colours,
  }),
  setLogo: route({
    method: 'PUT',
    path: '/api/v1/tenant/brand/logo',
    summary: 'Sets the logo: a PNG, JPEG or WebP picture of at most 256 kB, in base64. Its bytes say what it is.',
    access: 'tenant.update',
    body: z.strictObject({ data: z.base64().max(900_000) }),
    response: brand,
  }),
  removeLogo: route({
    method: 'DELETE',
    path: '/api/v1/tenant/brand/logo',
    summary: 'Takes the logo away.',
    access: 'tenant.update',
    response: brand,
  }),
} as const
