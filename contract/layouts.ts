import { z } from 'zod'

import { instant } from './paging.ts'
import { route } from './route.ts'
import { LAYOUT_SCREENS, OVERVIEW_WIDGETS, WIDGET_WIDTHS } from './words.ts'

const widget = z
  .strictObject({
    name: z.enum(OVERVIEW_WIDGETS),
    isShown: z.boolean(),
    /** `half`: two of them stand beside each other where the screen is wide enough. */
    width: z.enum(WIDGET_WIDTHS),
  })
  .meta({ id: 'Widget' })

const layoutFields = z.object({
  /** Every widget of the screen once, in the order in which they stand. */
  widgets: z.array(widget),
  version: z.number().int().meta({ description: 'Counts changes; 0 before the first. Give it back when you save.' }),
  /** Null while nothing was ever changed. */
  updatedAt: instant.nullable(),
})
const layout = layoutFields.meta({ id: 'Layout' })

const params = z.object({ screen: z.enum(LAYOUT_SCREENS) })

export const layouts = {
  get: route({
    method: 'GET',
    path: '/api/v1/layouts/:screen',
    summary: 'How whoever asks arranged a screen; the product’s own order where they never did.',
    access: 'analytics.view',
    params,
    response: layout,
  }),
  save: route({
    method: 'PUT',
    path: '/api/v1/layouts/:screen',
    summary:
      'Arranges a screen for whoever asks, on all their devices. The last one wins and is told what it replaced.',
    access: 'analytics.view',
    params,
    body: z.strictObject({
      widgets: z.array(widget).max(50),
      basedOn: z.number().int().min(0).meta({ description: 'The version that was on the screen.' }),
    }),
    response: layoutFields
      .extend({ hasReplaced: z.boolean().meta({ description: 'Another order was saved meanwhile, and is gone now.' }) })
      .meta({ id: 'SavedLayout' }),
  }),
  reset: route({
    method: 'DELETE',
    path: '/api/v1/layouts/:screen',
    summary: 'Gives a screen back the product’s own order.',
    access: 'analytics.view',
    params,
    response: layout,
  }),
} as const
