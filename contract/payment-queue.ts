import { z } from 'zod'

import { idParams, instant, pageOf, pageQuery } from './paging.ts'
import { route } from './route.ts'
import { PAYMENT_PROVIDERS, PAYMENT_REVIEW_REASONS, PAYMENT_STATES } from './words.ts'

/** What is shown of files that strangers sent: nothing that runs. */
const EVIDENCE_TYPES = ['image/png', 'image/jpeg', 'image/webp', 'application/pdf'] as const

const money = z.object({ amountMinor: z.number().int(), currency: z.string() })

const payment = z
  .object({
    id: z.number(),
    tenantId: z.number(),
    tenantName: z.string(),
    reference: z.string(),
    package: z.string(),
    periodDays: z.number().int(),
    provider: z.enum(PAYMENT_PROVIDERS),
    state: z.enum(PAYMENT_STATES),
    reviewReason: z.enum(PAYMENT_REVIEW_REASONS).nullable(),
    asked: money,
    received: money.nullable(),
    claimedAt: instant.nullable(),
    claimedBy: z.string().nullable(),
    evidenceText: z.string().nullable(),
    /** A photo or file came with the claim. */
    hasEvidenceFile: z.boolean(),
    createdAt: instant,
    decidedAt: instant.nullable(),
    decidedBy: z.string().nullable(),
    decisionNote: z.string().nullable(),
  })
  .meta({ id: 'PaymentInQueue' })

/** Payments of all tenants, for those who decide about them. */
export const paymentQueue = {
  list: route({
    method: 'GET',
    path: '/api/v1/installation/payments',
    summary: 'Payments that wait for a decision, or all, newest first.',
    access: 'payments.view',
    query: pageQuery(200).extend({
      cursor: z.string().regex(/^\d{1,15}$/).optional().meta({ description: 'The nextCursor of the page before.' }), // prettier-ignore
      which: z.enum(['waiting', 'all']).default('waiting'),
    }),
    response: pageOf(payment),
  }),
  evidence: route({
    method: 'GET',
    path: '/api/v1/installation/payments/:id/evidence',
    summary: 'The photo or file that a claim was made with.',
    access: 'payments.view',
    perMinute: 60,
    params: idParams,
    gives: EVIDENCE_TYPES,
    response: z.object({ type: z.enum(EVIDENCE_TYPES), bytes: z.custom<Uint8Array>((it) => it instanceof Uint8Array) }),
  }),
  approve: route({
    method: 'POST',
    path: '/api/v1/installation/payments/:id/approve',
    summary: 'Believes a claim, or money that was held: the package begins, once.',
    access: 'payments.decide',
    params: idParams,
    response: payment,
  }),
  reject: route({
    method: 'POST',
    path: '/api/v1/installation/payments/:id/reject',
    summary: 'Turns a claim or held money down; the customer is told why.',
    access: 'payments.decide',
    params: idParams,
    body: z.strictObject({ reason: z.string().max(600) }),
    response: payment,
  }),
  refund: route({
    method: 'POST',
    path: '/api/v1/installation/payments/:id/refund',
    summary: 'Sends the whole amount back, or writes down that it went back by hand.',
    access: 'payments.decide',
    params: idParams,
    body: z.strictObject({ isSentByHand: z.boolean() }),
    response: payment,
  }),
} as const
