import { z } from 'zod'

import { instant } from './paging.ts'
import { route } from './route.ts'
import { ATTENTION_KINDS, DELIVERY_SOURCES, DELIVERY_STATES, SEGMENTS } from './words.ts'

const count = z.number().int()

/** How far the messages of a period came; whether somebody read one a bot is never told. */
const funnel = {
  /** Handed to Telegram, whatever it said. */
  tried: count,
  /** Telegram took it. */
  delivered: count,
  clicked: count,
  answered: count,
  converted: count,
  optedOut: count,
  blocked: count,
}
const figures = z.object({ ...funnel, joined: count }).meta({ id: 'KeyFigures' })
const interval = z.object({ low: z.number(), high: z.number() })
const days = z.coerce
  .number()
  .int()
  .min(1)
  .max(90)
  .default(30)
  .meta({ description: 'Days of the tenant’s calendar, the last being today so far. Beyond 30: advanced analytics.' })

const ranked = z
  .object({
    id: z.number(),
    name: z.string(),
    delivered: count,
    answered: count,
    converted: count,
    /** Answers per message that arrived, 95 % confidence. */
    answerInterval: interval,
  })
  .meta({ id: 'RankedCampaign' })

export const analytics = {
  days: route({
    method: 'GET',
    path: '/api/v1/analytics/days',
    summary: 'What happened on each of the last days of the tenant’s calendar, oldest first; the last is today so far.',
    access: 'analytics.view',
    query: z.object({ days: z.coerce.number().int().min(1).max(90).default(30) }),
    response: z.object({
      days: z.array(
        z
          .object({
            on: z.iso.date(),
            sent: z.number().int(),
            answered: z.number().int(),
            joined: z.number().int(),
            stopped: z.number().int(),
          })
          .meta({ id: 'DayFigures' }),
      ),
    }),
  }),
  segments: route({
    method: 'GET',
    path: '/api/v1/analytics/segments',
    summary: 'How many contacts hold each segment now, and for how many it is the first of theirs.',
    access: 'segments.view',
    response: z.object({
      contacts: z.number().int(),
      withoutSegment: z.number().int(),
      segments: z.array(z.object({ segment: z.enum(SEGMENTS), held: z.number().int(), primary: z.number().int() })),
    }),
  }),
  figures: route({
    method: 'GET',
    path: '/api/v1/analytics/figures',
    summary: 'The key figures of the last days beside those of as many days before.',
    access: 'analytics.view',
    query: z.object({ days }),
    response: z.object({ days: count, since: instant, figures, before: figures }),
  }),
  report: route({
    method: 'GET',
    path: '/api/v1/analytics/report',
    summary:
      'How what was sent in the last days went: in all, by source, segment, hour of the week and wording, and what did not arrive and why.',
    access: 'analytics.view',
    query: z.object({ days }),
    response: z.object({
      since: instant,
      timeZone: z.string(),
      funnel: z.object(funnel),
      bySource: z.array(z.object({ source: z.enum(DELIVERY_SOURCES), ...funnel })),
      /** Null for what was sent without a segment: answers, posts and the like. */
      bySegment: z.array(z.object({ segment: z.enum(SEGMENTS).nullable(), ...funnel })),
      /** Hours of the week in which something arrived; 1 is Monday. */
      slots: z.array(z.object({ weekday: count, hour: count, delivered: count, answered: count })),
      variants: z.array(
        z.object({
          templateId: z.number(),
          template: z.string(),
          variant: z.string(),
          ...funnel,
          answerInterval: interval,
          /** Of the best of its template: how far it is ahead of the second by answers, 95 % confidence. */
          lead: interval.extend({ value: z.number() }).nullable(),
          /** The lead is more than chance. */
          isProven: z.boolean(),
        }),
      ),
      failures: z.array(z.object({ state: z.enum(DELIVERY_STATES), reason: z.string(), count })),
    }),
  }),
  today: route({
    method: 'GET',
    path: '/api/v1/analytics/today',
    summary: 'What left today by hour, and how fast in the last five minutes.',
    access: 'analytics.view',
    response: z.object({ sent: count, perMinute: z.number(), hours: z.array(count) }),
  }),
  next: route({
    method: 'GET',
    path: '/api/v1/analytics/next',
    summary: 'What leaves within a day, by hour and campaign: the twelve soonest.',
    access: 'analytics.view',
    response: z.object({
      items: z.array(
        z.object({
          hourAt: instant,
          campaignId: z.number().nullable(),
          campaign: z.string().nullable(),
          source: z.enum(DELIVERY_SOURCES),
          count,
        }),
      ),
    }),
  }),
  attention: route({
    method: 'GET',
    path: '/api/v1/analytics/attention',
    summary: 'What waits for a person, of what whoever asks may see, the most urgent first.',
    access: 'analytics.view',
    response: z.object({
      items: z.array(
        z.object({
          kind: z.enum(ATTENTION_KINDS),
          count,
          until: instant.nullable(),
          /** An account’s name, the name of a limit or a reason; null where the kind says it all. */
          about: z.string().nullable(),
        }),
      ),
    }),
  }),
  bestCampaigns: route({
    method: 'GET',
    path: '/api/v1/analytics/campaigns',
    summary: 'The best and the worst campaign of the last 30 days, by answers that are proven.',
    access: 'analytics.view',
    response: z.object({ best: ranked.nullable(), worst: ranked.nullable() }),
  }),
} as const
