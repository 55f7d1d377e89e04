import { z } from 'zod'

import { idParams, instant, pageOf, pageQuery } from './paging.ts'
import { route } from './route.ts'
import { ACCOUNT_KINDS, ACCOUNT_STATES, LOCALES, PERSONA_FIELDS } from './words.ts'

const version = z.number().int().min(0)
/** Room for what the server looks at itself: it names the field and its bounds. */
const text = z.string().max(20_000)
const list = <T extends z.core.$ZodType>(item: T) => z.array(item).max(1_000)

const entry = {
  label: text,
  text: text.default(''),
  product: text.optional().meta({ description: 'Names the item of the catalogue whose price is shown with it.' }),
  link: text.optional(),
}

const content = {
  displayName: text,
  tone: text,
  style: text,
  language: z.enum(LOCALES),
  facts: z.strictObject({
    catalogue: list(
      z.strictObject({
        name: text,
        priceMinor: z.number().nullable().meta({ description: 'In minor units; what is none is refused by name.' }),
        currency: text,
      }),
    ),
    faq: list(z.strictObject({ question: text, answer: text })),
    notes: list(text),
  }),
  doNots: list(text),
  greeting: text,
  menu: list(z.strictObject({ ...entry, items: list(z.strictObject(entry)).optional() })),
  sampleReplies: list(z.strictObject({ asked: text, answered: text })),
}
const personaContent = z.strictObject(content).meta({ id: 'PersonaContent' })

const persona = z
  .object({ ...content, accountId: z.number(), version, updatedBy: z.string(), updatedAt: instant })
  .meta({ id: 'Persona' })

/** An account that speaks with contacts. */
export const speaker = z.object({
  id: z.number(),
  displayName: z.string(),
  username: z.string().nullable(),
  kind: z.enum(ACCOUNT_KINDS),
  state: z.enum(ACCOUNT_STATES),
})

const accountPersona = z.object({ account: speaker, persona: persona.nullable() }).meta({ id: 'AccountPersona' })
/** What was looked at; refused when it is no longer that. */
const expectedVersion = version

export const personas = {
  list: route({
    method: 'GET',
    path: '/api/v1/personas',
    summary: 'The accounts that speak with contacts, and who each is to them.',
    access: 'personas.view',
    response: z.object({ items: z.array(accountPersona) }),
  }),
  get: route({
    method: 'GET',
    path: '/api/v1/personas/:id',
    summary: 'Who one account is to its contacts; `id` is the account’s.',
    access: 'personas.view',
    params: idParams,
    response: accountPersona,
  }),
  create: route({
    method: 'POST',
    path: '/api/v1/personas/:id',
    summary: 'Gives an account a persona to begin with, as its package has it; one that has a persona keeps it.',
    access: 'personas.edit',
    params: idParams,
    response: persona,
  }),
  update: route({
    method: 'PUT',
    path: '/api/v1/personas/:id',
    summary: 'Replaces what a persona says, as a new version; refused when somebody changed it meanwhile.',
    access: 'personas.edit',
    params: idParams,
    body: z.strictObject({ ...content, expectedVersion }),
    response: persona,
  }),
  check: route({
    method: 'POST',
    path: '/api/v1/personas/check',
    summary: 'Everything that keeps a persona from being saved, field by field. Writes nothing.',
    access: 'personas.view',
    body: personaContent,
    response: z.object({
      faults: z.array(
        z.object({
          code: z.string(),
          /** `facts.catalogue[0].priceMinor`, `doNots[2]` … */
          field: z.string(),
          detail: z.string().meta({ description: 'In the language of the caller; names the field and the fix.' }),
        }),
      ),
    }),
  }),
  versions: route({
    method: 'GET',
    path: '/api/v1/personas/:id/versions',
    summary: 'The versions of a persona, newest first, with what each changed.',
    access: 'personas.view',
    params: idParams,
    query: pageQuery(100, 20).extend({
      cursor: z.string().regex(/^\d{1,9}$/).optional().meta({ description: 'The nextCursor of the page before.' }), // prettier-ignore
    }),
    response: pageOf(
      z.object({
        version,
        updatedBy: z.string(),
        updatedAt: instant,
        /** Against the version before; empty of the first. */
        changed: z.array(z.enum(PERSONA_FIELDS)),
      }),
    ),
  }),
  version: route({
    method: 'GET',
    path: '/api/v1/personas/:id/versions/:version',
    summary: 'What one version of a persona said.',
    access: 'personas.view',
    params: idParams.extend({ version: z.coerce.number().int().min(1).max(2_147_483_647) }),
    response: persona,
  }),
  restore: route({
    method: 'POST',
    path: '/api/v1/personas/:id/restore',
    summary: 'Puts what an earlier version said in force again, as a new version.',
    access: 'personas.edit',
    params: idParams,
    body: z.strictObject({ version: version.min(1).max(2_147_483_647), expectedVersion }),
    response: persona,
  }),
} as const
