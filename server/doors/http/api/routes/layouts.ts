import { arrangeScreen, getLayout, resetLayout } from '#server/modules/analytics/index.ts'

import type { Handlers } from '../call.ts'

export const layoutRoutes: Handlers['layouts'] = () => ({
  get: ({ inTenant, actor, params: { screen } }) => inTenant((tx) => getLayout(tx, screen, actor)),
  save: ({ inTenant, actor, params: { screen }, body }) =>
    inTenant((tx) => arrangeScreen(tx, { screen, ...body }, actor)),
  reset: ({ inTenant, actor, params: { screen } }) => inTenant((tx) => resetLayout(tx, screen, actor)),
})
