import { sql } from 'kysely'

import type { OnboardingState } from '#contract/words.ts'
import { toDate } from '#server/base/clock.ts'
import type { OperatorTx } from '#server/db/tenant-scope.ts'

export interface Span {
  /** Onboardings that began from here on, epoch ms. */
  readonly since: number
  /** Exclusive. */
  readonly until: number
}

export interface StepCount {
  /** Of whom: all, or those of one variant or surface. */
  readonly group: 'all' | 'variant' | 'surface'
  readonly name: string
  readonly state: OnboardingState
  /** Onboardings that came to this step, however often. */
  readonly entered: number
  /** Of them, those that came to a later one. */
  readonly converted: number
  /** Of them, those that ended here. */
  readonly left: number
  /** Of them, those that stand here now. */
  readonly waiting: number
  /** From coming to the step to going on, back or to an end; null while nobody has. */
  readonly medianMs: number | null
}

/** The states of a whole way, in order; what is passed through at once is none. */
const FUNNEL_STATES = [
  'choosing',
  'package_selected',
  'payment_pending',
  'payment_claimed',
  'account_connecting',
  'profile_created',
  'active',
] as const satisfies readonly OnboardingState[]

/** Each step of those who began in the span, for all, and by variant and surface. */
export const selectStepCounts = async (tx: OperatorTx, { since, until }: Span): Promise<readonly StepCount[]> => {
  const { rows } = await sql<StepCount>`
    with way as (select state, place from unnest(${[...FUNNEL_STATES]}::text[]) with ordinality as t (state, place)),
    cohort as (
      select id, variant, surface from onboarding where started_at >= ${toDate(since)} and started_at < ${toDate(until)}
    ),
    step as (
      select c.id, c.variant, c.surface, s.to_state as state, s.at, w.place,
        lead(s.to_state) over ordered as next_state, lead(s.at) over ordered as next_at,
        max(w.place) over (partition by c.id) as furthest
      from cohort c join onboarding_step s on s.onboarding_id = c.id left join way w on w.state = s.to_state
      window ordered as (partition by c.id order by s.id)
    )
    select
      case when grouping(variant) = 0 then 'variant' when grouping(surface) = 0 then 'surface' else 'all' end as "group",
      coalesce(variant, surface, '') as name,
      state,
      count(distinct id)::integer as entered,
      count(distinct id) filter (where furthest > place)::integer as converted,
      count(distinct id) filter (where next_state in ('cancelled', 'expired', 'failed'))::integer as "left",
      count(distinct id) filter (where next_state is null and state <> 'active')::integer as waiting,
      round(percentile_cont(0.5) within group (order by extract(epoch from next_at - at) * 1000)
        filter (where next_at is not null))::double precision as "medianMs"
    from step where place is not null
    group by grouping sets ((state, place), (state, place, variant), (state, place, surface))
    order by 1, 2, place`.execute(tx)
  return rows
}

export interface Outcomes {
  readonly started: number
  /** Chose a package, and are active or over. */
  readonly decided: number
  /** Of them, those that are active. */
  readonly activated: number
  /** Chose a package that costs something, and have paid or are over. */
  readonly asked: number
  /** Of them, those whose payment was believed. */
  readonly paid: number
  /** From `customer_onboarding_started` to `customer_bot_activated`; null while nobody is active. */
  readonly medianSetUpMs: number | null
}

/** How those who began in the span ended, from the measured events. */
export const selectOutcomes = async (tx: OperatorTx, { since, until }: Span): Promise<Outcomes> => {
  const { rows } = await sql<Outcomes>`
    with cohort as (
      select o.id, o.ended_at is not null as is_over, o.is_paid, o.package <> 'trial' as is_sold,
        min(e.at) filter (where e.name = 'customer_onboarding_started') as started_at,
        min(e.at) filter (where e.name = 'customer_package_selected') as selected_at,
        min(e.at) filter (where e.name = 'customer_bot_activated') as activated_at
      from onboarding o join onboarding_event e on e.onboarding_id = o.id
      where o.started_at >= ${toDate(since)} and o.started_at < ${toDate(until)}
      group by o.id
    )
    select
      count(*)::integer as started,
      count(*) filter (where selected_at is not null and is_over)::integer as decided,
      count(activated_at)::integer as activated,
      count(*) filter (where selected_at is not null and is_sold and (is_paid or is_over))::integer as asked,
      count(*) filter (where selected_at is not null and is_sold and is_paid)::integer as paid,
      round(percentile_cont(0.5) within group (order by extract(epoch from activated_at - started_at) * 1000)
        filter (where activated_at is not null))::double precision as "medianSetUpMs"
    from cohort`.execute(tx)
  const [row] = rows
  if (!row) throw new Error('a count gave no row')
  return row
}
