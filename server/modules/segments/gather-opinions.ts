import type { ModelRefusal } from '#contract/words.ts'
import type { AskModel } from '#server/modules/llm/index.ts'
import { inTenant } from '#server/db/tenant-scope.ts'

import { type SegmentDeps, assessScope } from './assign-segments.ts'
import { lockSegments } from './assessment.store.ts'
import { findFeatureRows } from './feature.store.ts'
import { OPINION_PROMPT, opinionsSchema } from './opinion-prompt.rules.ts'
import { OPINION_LIFE_MS, PEOPLE_PER_QUESTION, profileOf, readOpinions } from './opinion.rules.ts'
import { findPeopleToAskAbout, removeOpinions, replaceOpinions } from './opinion.store.ts'
import { readRuleBook } from './segment-rule.store.ts'
import { evaluateRules, mergeHeld } from './segment.rules.ts'

export interface OpinionDeps extends SegmentDeps {
  readonly askModel: AskModel
}

export interface OpinionSummary {
  /** People asked about. */
  readonly asked: number
  /** Opinions that were of use. */
  readonly opinions: number
  /** People whose segments or primary segment are others now. */
  readonly moved: number
  /** Why the model was asked no further; null when everybody was asked about. */
  readonly stoppedBy: ModelRefusal | null
}

/** The most of one run, so that a large tenant's month is not spent in an hour. */
const PEOPLE_PER_RUN = 200

/** Two hundred tokens a person are plenty for the twelve words and a sentence each. */
const OUTPUT_TOKENS_MAX = 2_500

/**
 * Asks the tenant's model for a second opinion on the people who agreed to it and were not asked about lately, in batches
 * of ten, and lets each answer stand beside the rules: the surer of the two counts, and what the model alone says is
 * labelled `ai`. What comes from a model that is off, over its budget, slow or talking rubbish is nothing: what was
 * thought of the people of that question before is taken back, their segments are the rules' own, and the run ends.
 */
export const gatherOpinions = async (deps: OpinionDeps, tenantId: number): Promise<OpinionSummary> => {
  const people = await inTenant(deps.db, tenantId, (tx) =>
    findPeopleToAskAbout(tx, { now: deps.clock.now(), limit: PEOPLE_PER_RUN }),
  )
  const sum = { asked: 0, opinions: 0, moved: 0 }
  for (let from = 0; from < people.length; from += PEOPLE_PER_QUESTION) {
    const round = await askAbout(deps, tenantId, people.slice(from, from + PEOPLE_PER_QUESTION))
    sum.asked += round.asked
    sum.opinions += round.opinions
    sum.moved += round.moved
    if (round.refusal !== null) return { ...sum, stoppedBy: round.refusal }
  }
  return { ...sum, stoppedBy: null }
}

const askAbout = async (deps: OpinionDeps, tenantId: number, contactIds: readonly number[]) => {
  const now = deps.clock.now()
  const profiles = await inTenant(deps.db, tenantId, async (tx) => {
    const { rules } = await readRuleBook(tx, now)
    return [...(await findFeatureRows(tx, contactIds))].map(([contactId, row], n) => {
      const ref = `p${n + 1}`
      return { contactId, ref, profile: profileOf(ref, row, mergeHeld(evaluateRules(rules, row, now)), now) }
    })
  })
  const answer = await deps.askModel({
    tenantId,
    purpose: 'segment',
    contactIds: profiles.map(({ contactId }) => contactId),
    prompt: { name: OPINION_PROMPT.name, version: OPINION_PROMPT.version, system: OPINION_PROMPT.text },
    messages: [{ role: 'user', content: JSON.stringify({ people: profiles.map(({ profile }) => profile) }) }],
    shape: { name: OPINION_PROMPT.shape, schema: opinionsSchema },
    outputTokensMax: OUTPUT_TOKENS_MAX,
  })
  const idOf = new Map(profiles.map(({ ref, contactId }) => [ref, contactId]))
  const opinions =
    answer.kind === 'answered'
      ? [...readOpinions(answer.value, new Set(idOf.keys()))].flatMap(([ref, said]) =>
          said.map((opinion) => ({ ...opinion, contactId: idOf.get(ref) ?? 0 })),
        )
      : []
  const moved = await inTenant(deps.db, tenantId, async (tx) => {
    await lockSegments(tx)
    const at = deps.clock.now()
    if (answer.kind === 'answered') {
      const { model, promptVersion } = answer
      await replaceOpinions(tx, { contactIds, opinions, model, promptVersion, at, expiresAt: at + OPINION_LIFE_MS })
    } else await removeOpinions(tx, contactIds)
    return (await assessScope(tx, { contactIds }, at)).movedIds.length
  })
  const isAnswered = answer.kind === 'answered'
  return {
    asked: isAnswered ? profiles.length : 0,
    opinions: opinions.length,
    moved,
    refusal: isAnswered ? null : answer.reason,
  }
}
