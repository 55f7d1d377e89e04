import { api } from '#contract/api.ts'
import type { Route } from '#contract/route.ts'
import type { OverviewWidget } from '#contract/words.ts'

import type { AskEarly } from '../../api/ask-early.ts'

/** How many days back the overview looks. */
export const MONTH = 30

const DAYS = [
  [api.analytics.days, { query: { days: MONTH } }],
  [api.analytics.days, { query: { days: 1 } }],
] as const

/** What each widget shows. */
const SHOWN: Readonly<Record<OverviewWidget, readonly (readonly [Route, object])[]>> = {
  figures: DAYS,
  trend: DAYS,
  warnings: [[api.analytics.attention, {}]],
  today: [[api.analytics.today, {}]],
  next: [[api.analytics.next, {}]],
  campaigns: [[api.analytics.bestCampaigns, {}]],
}

/** Asks for what the overview shows, as whoever looks arranged it. */
export const askOverview = async (ask: AskEarly): Promise<void> => {
  const { widgets } = await ask(api.layouts.get, { params: { screen: 'overview' } })
  const shown = new Set(widgets.filter(({ isShown }) => isShown).flatMap(({ name }) => SHOWN[name]))
  for (const [route, input] of shown) void ask(route, input as never)
}
