import { z } from 'zod'

import { instant } from './paging.ts'
import { route } from './route.ts'

/** Of the authenticator app, or one for recovery. */
const body = z.strictObject({ code: z.string().min(1).max(64) })
const recoveryCodes = z.object({ recoveryCodes: z.array(z.string()) })

/** The second factor of those who run the installation. */
export const secondFactor = {
  get: route({
    method: 'GET',
    path: '/api/v1/session/second-factor',
    summary: 'Whether a code is asked for after the link, and whether this session gave one.',
    access: 'half_session',
    response: z.object({
      /** Since when codes are asked for; null when they are not. */
      confirmedAt: instant.nullable(),
      isPassed: z.boolean(),
      recoveryCodesLeft: z.number().int(),
      /** Only those who run the installation set one up. */
      mayEnrol: z.boolean(),
      /** Without one, nothing of the installation can be looked at or changed. */
      isRequired: z.boolean(),
    }),
  }),
  pass: route({
    method: 'POST',
    path: '/api/v1/session/second-factor',
    summary: 'Gives the code that the session owes.',
    access: 'half_session',
    body,
    response: z.object({}),
  }),
  enrol: route({
    method: 'POST',
    path: '/api/v1/session/second-factor/enrolment',
    summary: 'Makes a secret for an authenticator app; nothing is asked for before its first code was right.',
    access: 'session',
    response: z.object({
      secret: z.string(),
      /** A QR code of the secret's address: the path of its dark squares, in a square so many units wide. */
      qr: z.object({ size: z.number().int(), path: z.string() }),
    }),
  }),
  confirm: route({
    method: 'POST',
    path: '/api/v1/session/second-factor/enrolment/code',
    summary: 'Gives the first code; the recovery codes are shown this once.',
    access: 'session',
    body,
    response: recoveryCodes,
  }),
  renewRecoveryCodes: route({
    method: 'POST',
    path: '/api/v1/session/second-factor/recovery-codes',
    summary: 'New recovery codes in place of all before, shown this once.',
    access: 'session',
    body,
    response: recoveryCodes,
  }),
  remove: route({
    method: 'POST',
    path: '/api/v1/session/second-factor/removal',
    summary: 'Asks for no more codes.',
    access: 'session',
    body,
    response: z.object({}),
  }),
} as const
