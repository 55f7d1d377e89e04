import { z } from 'zod'

import { idParams, instant, pageOf, pageQuery } from './paging.ts'
import { route } from './route.ts'
import {
  ACCOUNT_KINDS,
  ACCOUNT_STATES,
  CAMPAIGN_GOALS,
  CAMPAIGN_KINDS,
  CAMPAIGN_STATES,
  DELIVERY_STATES,
  DRIP_EVENTS,
  SEGMENTS,
} from './words.ts'

const count = z.number().int()

/** How far a campaign's messages came; each figure counts messages, those withheld to measure the effect are apart. */
const counts = z
  .object({
    states: z.record(z.enum(DELIVERY_STATES), count),
    responded: count,
    clicked: count,
    converted: count,
    optedOut: count,
    blocked: count,
    withheld: count,
  })
  .meta({ id: 'CampaignCounts' })

const goal = z.object({
  kind: z.enum(CAMPAIGN_GOALS),
  /** People; for `revenue` minor units. */
  target: count,
  stops: z.boolean(),
})

const campaignFields = z.object({
  id: z.number(),
  name: z.string(),
  kind: z.enum(CAMPAIGN_KINDS),
  state: z.enum(CAMPAIGN_STATES),
  accountId: z.number(),
  startsAt: instant.nullable(),
  endsAt: instant.nullable(),
  startedAt: instant.nullable(),
  pausedAt: instant.nullable(),
  endedAt: instant.nullable(),
  createdAt: instant,
  goal: goal.nullable(),
  counts,
})
const campaign = campaignFields.meta({ id: 'Campaign' })

const detail = campaignFields
  .extend({
    audience: z.object({
      segments: z.array(z.enum(SEGMENTS)),
      tags: z.array(z.string()),
      chats: z.array(z.number()),
      own: z.array(z.object({ id: z.number(), name: z.string().nullable() })).meta({
        description: 'Segments of the tenant’s own; one that was removed since has no name.',
      }),
    }),
    steps: z.array(
      z.object({
        templateId: z.number(),
        template: z.string(),
        afterHours: z.number(),
        /** What ends a drip before this step; where nothing is said, an answer, an order and a person who takes over. */
        stopOn: z.array(z.enum(DRIP_EVENTS)).optional(),
      }),
    ),
    holdoutRatio: z.number(),
    pins: z.boolean(),
    bestChats: count.nullable(),
    takesLateJoiners: z.boolean(),
    version: z.string().meta({ description: 'Of its settings now; give it back to change exactly these.' }),
    submittedAt: instant.nullable(),
    approvedAt: instant.nullable(),
    needsApproval: z.boolean(),
  })
  .meta({ id: 'CampaignDetail' })

/** What a campaign is before it has a name and an aim. The server holds every part to its bounds and names the field. */
const outline = {
  kind: z.enum(CAMPAIGN_KINDS),
  accountId: z.number(),
  audience: z
    .strictObject({
      segments: z.array(z.string().max(40)).max(500).default([]),
      tags: z.array(z.string().max(200)).max(500).default([]),
      chats: z.array(z.number()).max(500).default([]),
      own: z.array(z.number()).max(500).default([]).meta({ description: 'Segments of the tenant’s own.' }),
    })
    .default({ segments: [], tags: [], chats: [], own: [] }),
  steps: z
    .array(
      z.strictObject({
        templateId: z.number(),
        afterHours: z.number().default(0),
        stopOn: z.array(z.enum(DRIP_EVENTS)).optional(),
      }),
    )
    .max(100),
  startsAt: z.number().nullable().default(null),
  endsAt: z.number().nullable().default(null),
  holdoutRatio: z.number().default(0),
  pins: z.boolean().default(false),
  bestChats: z.number().nullable().default(null),
  takesLateJoiners: z.boolean().default(true),
}
const settings = {
  ...outline,
  name: z.string().max(1_000),
  goal: z
    .strictObject({ kind: z.enum(CAMPAIGN_GOALS), target: z.number(), stops: z.boolean() })
    .nullable()
    .default(null),
}

const funnel = z.object({
  planned: count,
  sent: count,
  clicked: count,
  responded: count,
  converted: count,
  optedOut: count,
  blocked: count,
})
const funnelRow = funnel.extend({ key: z.string() }).meta({ id: 'FunnelRow' })
const failure = z.object({ state: z.enum(DELIVERY_STATES), reason: z.string(), count })

const recipient = z
  .object({
    deliveryId: z.number(),
    contactId: z.number().nullable(),
    username: z.string().nullable(),
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    chatTitle: z.string().nullable(),
    /** From 0. */
    step: count,
    state: z.enum(DELIVERY_STATES),
    reason: z.string().nullable(),
    isHoldout: z.boolean(),
    dueAt: instant,
    sentAt: instant.nullable(),
    respondedAt: instant.nullable(),
    clickedAt: instant.nullable(),
    attempts: count,
  })
  .meta({ id: 'CampaignRecipient' })

const cursor = z.string().regex(/^\d{1,15}$/).optional().meta({ description: 'The nextCursor of the page before.' }) // prettier-ignore
const reasons = z.record(z.string(), count)
const stepForecast = z.object({
  step: count,
  dueAt: instant,
  total: count,
  sent: count,
  deferred: reasons,
  refused: reasons,
})
/** What would happen, and what holds it. */
const forecast = {
  steps: z.array(stepForecast),
  /** What stops everything at the moment. */
  holds: z.array(z.string()),
  /** When the last message leaves; null when the limits do not let it. */
  lastAt: instant.nullable(),
  /** The first step as real recipients would read it: Telegram's HTML. */
  samples: z.array(z.string()),
}
const limit = count.nullable()

/** What somebody does to a campaign; the answer is how it stands then. */
const act = <const P extends string, const A extends 'campaigns.start' | 'campaigns.edit'>(
  name: P,
  access: A,
  summary: string,
) =>
  route({
    method: 'POST',
    path: `/api/v1/campaigns/:id/${name}`,
    summary,
    access,
    params: idParams,
    response: campaign,
  })

export const campaigns = {
  list: route({
    method: 'GET',
    path: '/api/v1/campaigns',
    summary: 'Campaigns with how far they came, newest first.',
    access: 'campaigns.view',
    query: pageQuery(100, 20).extend({ cursor, state: z.enum(CAMPAIGN_STATES).optional() }),
    response: pageOf(campaign),
  }),
  choices: route({
    method: 'GET',
    path: '/api/v1/campaigns/choices',
    summary: 'What a new campaign can be made of: accounts, tags, chats and segments of its own.',
    access: 'campaigns.edit',
    response: z.object({
      accounts: z.array(
        z.object({ id: z.number(), name: z.string(), kind: z.enum(ACCOUNT_KINDS), state: z.enum(ACCOUNT_STATES) }),
      ),
      tags: z.array(z.object({ tag: z.string(), people: count })),
      chats: z.array(z.object({ id: z.number(), title: z.string(), kind: z.string() })),
      own: z.array(z.object({ id: z.number(), name: z.string() })),
      needsApproval: z.boolean(),
    }),
  }),
  forecast: route({
    method: 'POST',
    path: '/api/v1/campaigns/forecast',
    summary:
      'How many a campaign would reach that does not exist yet, who waits and who is left out and why. Without steps everybody is judged as for advertising. Writes nothing.',
    access: 'campaigns.edit',
    body: z.strictObject(outline),
    response: z.object({
      ...forecast,
      limits: z.object({
        timeZone: z.string(),
        quietFromHour: count,
        quietToHour: count,
        perMinuteMax: limit,
        outreachDailyMax: limit,
        dailyMessagesMax: limit,
        monthlyMessagesMax: limit,
        usedToday: count,
        usedThisMonth: count,
      }),
    }),
  }),
  create: route({
    method: 'POST',
    path: '/api/v1/campaigns',
    summary: 'Makes a draft; nothing leaves before it is started. A name is taken once.',
    access: 'campaigns.edit',
    body: z.strictObject(settings),
    response: campaign,
  }),
  update: route({
    method: 'PUT',
    path: '/api/v1/campaigns/:id',
    summary: 'Replaces the settings of a draft, or of a drip under way the steps that nobody was planned yet.',
    access: 'campaigns.edit',
    params: idParams,
    body: z.strictObject({ ...settings, expectedVersion: z.string().max(64) }),
    response: campaign,
  }),
  get: route({
    method: 'GET',
    path: '/api/v1/campaigns/:id',
    summary: 'One campaign: whom it is for, its steps and how far it came.',
    access: 'campaigns.view',
    params: idParams,
    response: detail,
  }),
  report: route({
    method: 'GET',
    path: '/api/v1/campaigns/:id/report',
    summary:
      'How a campaign went: funnel in all and by segment, hour and variant, and what did not arrive with the reasons.',
    access: 'campaigns.view',
    params: idParams,
    response: z.object({
      funnel,
      /** Responses per message that arrived, 95 % confidence. */
      responseInterval: z.object({ low: z.number(), high: z.number() }),
      revenueMinor: count,
      currency: z.string(),
      /** The messages' share of the package's price; null where the price is agreed. */
      costMinor: count.nullable(),
      goal: goal.extend({ value: count, reachedAt: instant.nullable() }).nullable(),
      bySegment: z.array(funnelRow),
      byHour: z.array(funnelRow),
      byVariant: z.array(funnelRow),
      contest: z.object({ winner: z.string().nullable() }).nullable().meta({
        description: 'Of a message with several wordings, the one that beat the others for more than chance.',
      }),
      failures: z.array(failure),
    }),
  }),
  takeWinner: route({
    method: 'POST',
    path: '/api/v1/campaigns/:id/winner',
    summary:
      'A message with nothing but the wording that won, to make another campaign with; one that is there already, or a draft.',
    access: 'templates.edit',
    params: idParams,
    response: z.object({ templateId: z.number() }),
  }),
  preview: route({
    method: 'GET',
    path: '/api/v1/campaigns/:id/preview',
    summary: 'What would happen if the campaign started now: who gets it, who waits, who is left out and why.',
    access: 'campaigns.view',
    params: idParams,
    response: z.object(forecast),
  }),
  recipients: route({
    method: 'GET',
    path: '/api/v1/campaigns/:id/recipients',
    summary: 'Who got it and how it went with each, in the order they were planned.',
    access: 'campaigns.view',
    params: idParams,
    query: pageQuery(200).extend({
      cursor,
      state: z.enum(DELIVERY_STATES).optional(),
      reason: z.string().max(60).optional(),
    }),
    response: pageOf(recipient),
  }),
  live: route({
    method: 'GET',
    path: '/api/v1/campaigns/:id/live',
    summary: 'The state and the figures of a campaign as they change, at most once a second, as server-sent events.',
    access: 'campaigns.view',
    params: idParams,
    streams: true,
    response: z.object({ state: z.enum(CAMPAIGN_STATES), counts }).meta({ id: 'CampaignProgress' }),
  }),
  start: act('start', 'campaigns.start', 'Lets a draft or an approved campaign run.'),
  pause: act('pause', 'campaigns.start', 'Holds a running campaign: what waits stays where it is.'),
  resume: act('resume', 'campaigns.start', 'Lets a paused campaign go on.'),
  submit: act('submit', 'campaigns.edit', 'Puts a draft before somebody who approves it.'),
  approve: act('approve', 'campaigns.start', 'Approves a campaign in review as it is now.'),
  return: act('return', 'campaigns.start', 'Gives a campaign in review back as a draft.'),
  cancel: act('cancel', 'campaigns.start', 'Ends a campaign for good; what waits is not sent.'),
  test: route({
    method: 'POST',
    path: '/api/v1/campaigns/:id/test',
    summary: 'Sends the message to the member who asks, labelled as a test, and to nobody else.',
    access: 'campaigns.edit',
    params: idParams,
    body: z.strictObject({ step: z.number().int().min(0).max(19).optional() }),
    response: z.object({ deliveryId: z.number() }),
  }),
} as const
