import { LOCALES } from '#contract/words.ts'
import { invalid } from '#server/base/errors.ts'
import { findUnacceptableUse } from '#server/modules/templates/index.ts'

import {
  type Deed,
  type FunnelDefinition,
  type Stage,
  type Transition,
  type Trigger,
  funnelSchema,
  isEnd,
} from './funnel.rules.ts'

/** What a text may name; everything else in braces is a mistake. */
const TEXT_VARIABLES = ['product', 'price', 'name', 'sender'] as const

const VARIABLE = /\{\{\s*([^{}]*?)\s*\}\}/gu
/** An amount beside a currency or a percent sign: such figures come from the catalogue alone. */
const MONEY =
  /(?:[₺$€£₽%٪⭐]\s*[\p{N}]|[\p{N}][\p{N}.,\s]*(?:[₺$€£₽%٪⭐]|(?:tl|try|usd|eur|rub|xtr|lira|kuruş|dolar|euro|dollars?|stars?|yıldız|руб|рубл|доллар|евро|звезд|звёзд|ليرة|دولار|يورو|ريال|نجمة|نجوم)(?!\p{L}{4})))/iu

/** How a stage of this kind is entered: figures of reports mean what they say whatever a funnel is called. */
const ENTERED_BY: Readonly<Partial<Record<Stage['kind'], readonly Trigger[]>>> = {
  payment_pending: ['order_opened'],
  paid: ['paid'],
  delivered: ['fulfilled'],
}

/** Nobody is offered anything, or spoken to, out of the blue: only a reminder comes after silence. */
const DONE_ON: Readonly<Partial<Record<Deed, readonly Trigger[]>>> = {
  offer: ['intent', 'words', 'always'],
  say: ['intent', 'words', 'always', 'order_opened', 'paid', 'fulfilled'],
  remind: ['silence'],
}

const refuseText = (transition: Transition, path: string): void => {
  for (const locale of LOCALES) {
    const text = transition.text?.[locale]
    if (text === undefined) continue
    const field = `${path}.text.${locale}`
    const known: readonly string[] = TEXT_VARIABLES
    for (const [, name = ''] of text.matchAll(VARIABLE))
      if (!known.includes(name)) throw invalid('funnel_text_variable', field, { given: name, known: known.join(', ') })
    if (MONEY.test(text.replace(VARIABLE, ' '))) throw invalid('funnel_text_price', field)
    const [use] = findUnacceptableUse(text)
    if (use) throw invalid('funnel_text_use', field, { category: use.category, phrase: use.phrase.replace('*', '…') })
  }
}

const refuseTransition = (
  stages: ReadonlyMap<string, Stage>,
  from: Stage,
  transition: Transition,
  path: string,
): void => {
  const target = stages.get(transition.to)
  if (!target) throw invalid('funnel_stage_unknown', `${path}.to`, { given: transition.to })
  if ((transition.on === 'silence') !== (transition.hours !== undefined)) throw invalid('funnel_hours', `${path}.hours`)
  const may = transition.does === undefined ? undefined : DONE_ON[transition.does]
  if (may && !may.includes(transition.on))
    throw invalid('funnel_speaks_unasked', `${path}.does`, { does: transition.does ?? '', allowed: may.join(', ') })
  if (transition.does === 'say' && transition.text === undefined) throw invalid('funnel_say_text', `${path}.text`)
  const ways = ENTERED_BY[target.kind]
  if (from !== target && ways && !ways.includes(transition.on))
    throw invalid('funnel_kind_entry', `${path}.on`, {
      stage: target.name,
      kind: target.kind,
      allowed: ways.join(', '),
    })
  refuseText(transition, path)
}

const reachedFrom = (
  stages: ReadonlyMap<string, Stage>,
  start: string,
  goes: (transition: Transition) => boolean = () => true,
): ReadonlySet<string> => {
  const seen = new Set([start])
  for (const name of seen)
    for (const transition of stages.get(name)?.transitions ?? []) if (goes(transition)) seen.add(transition.to)
  return seen
}

/** Going round at once would never end: some transition of every circle has to wait. */
const findHurriedCircle = (stages: ReadonlyMap<string, Stage>): string | null => {
  const isHurried = ({ on }: Transition) => on === 'always'
  for (const { name, transitions } of stages.values())
    for (const transition of transitions)
      if (isHurried(transition) && reachedFrom(stages, transition.to, isHurried).has(name)) return name
  return null
}

/**
 * A funnel as it may be kept: every stage is reached, every stage leads to an end, no circle is without a wait, a
 * payment is only told of where one was made, and no text names a price. Errors: `invalid` with `funnel_…`, each naming
 * the field.
 */
export const checkFunnel = (given: unknown): FunnelDefinition => {
  const parsed = funnelSchema.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw invalid('funnel_shape', issue?.path.join('.') || 'funnel', { problem: issue?.message ?? '' })
  }
  const definition = parsed.data
  const stages = new Map<string, Stage>()
  for (const [i, stage] of definition.stages.entries()) {
    if (stages.has(stage.name)) throw invalid('funnel_stage_twice', `stages.${i}.name`, { given: stage.name })
    stages.set(stage.name, stage)
  }
  if (!stages.has(definition.start)) throw invalid('funnel_stage_unknown', 'start', { given: definition.start })
  for (const [i, stage] of definition.stages.entries())
    for (const [k, transition] of stage.transitions.entries())
      refuseTransition(stages, stage, transition, `stages.${i}.transitions.${k}`)
  const reached = reachedFrom(stages, definition.start)
  const lonely = definition.stages.find(({ name }) => !reached.has(name))
  if (lonely) throw invalid('funnel_unreachable', 'stages', { stage: lonely.name })
  const isOver = (name: string) => isEnd(stages.get(name)?.kind ?? 'none')
  const endless = definition.stages.find(({ name }) => ![...reachedFrom(stages, name)].some(isOver))
  if (endless) throw invalid('funnel_no_end', 'stages', { stage: endless.name })
  const circle = findHurriedCircle(stages)
  if (circle !== null) throw invalid('funnel_circle', 'stages', { stage: circle })
  return definition
}
