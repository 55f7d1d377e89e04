import { z } from 'zod'

import { route } from './route.ts'
import { SEGMENTS } from './words.ts'

const ratio = z.number().min(0).max(1)

export const segments = {
  report: route({
    method: 'GET',
    path: '/api/v1/segments/report',
    summary: 'How each segment answered to what it was sent in the last days; the best proven first.',
    access: 'analytics.view',
    query: z.object({ days: z.coerce.number().int().min(1).max(366).default(30) }),
    response: z.object({
      segments: z.array(
        z
          .object({
            segment: z.enum(SEGMENTS),
            sent: z.number().int(),
            responded: z.number().int(),
            clicked: z.number().int(),
            converted: z.number().int(),
            optedOut: z.number().int(),
            blocked: z.number().int(),
            responseRatio: ratio.nullable().meta({ description: 'Null before anything was sent.' }),
            responseInterval: z
              .object({ low: ratio, high: ratio })
              .meta({ description: 'Where the true ratio lies, with 95 % confidence.' }),
            conversionRatio: ratio.nullable(),
            lossRatio: ratio.nullable(),
          })
          .meta({ id: 'SegmentFigures' }),
      ),
    }),
  }),
} as const
