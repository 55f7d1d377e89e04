import type { ModelRefusal } from '#contract/words.ts'
import type { Clock } from '#server/base/clock.ts'
import { GatheredCalls } from '#server/base/gathered-calls.ts'
import { localDay } from '#server/base/local-time.ts'
import type { SecretBox } from '#server/base/secret.ts'
import type { Db } from '#server/db/pool.ts'
import { type TenantTx, inTenant } from '#server/db/tenant-scope.ts'
import type { ModelEndpoint } from '#server/gateways/llm/language-model.ts'
import { isUsable, packageOf } from '#server/modules/billing/index.ts'

import { createEndpointFinder } from './find-endpoint.ts'
import { type Admission, type MeterLimits, admitQuestion } from './meter.rules.ts'
import { type Gate, findGate, findKeptAnswers, saveMeter } from './model.store.ts'
import type { ModelQuestion } from './question.rules.ts'
import { type ModelUse, answerKey } from './use.rules.ts'

export interface AdmitDeps {
  readonly db: Db
  readonly box: SecretBox
  readonly clock: Clock
  readonly installation: ModelEndpoint | null
}

/** A question on its way, its texts hidden and its cost known. */
export interface AskedQuestion {
  readonly question: ModelQuestion<unknown>
  /** The most it can cost. */
  readonly tokens: number
  readonly timeoutMs: number
  readonly legend: string
}

/** What becomes of a question before it is put. */
export type Passage =
  | { readonly kind: 'refused'; readonly reason: ModelRefusal; readonly retryAfterMs: number | null }
  | { readonly kind: 'kept'; readonly value: unknown; readonly model: string }
  | {
      readonly kind: 'admitted'
      readonly endpoint: ModelEndpoint
      readonly isOwn: boolean
      readonly settingVersion: number
      readonly admission: Admission & { readonly kind: 'admitted' }
      readonly outputTokensMax: number
      readonly keepAs: Buffer | null
    }

const AT_ONCE_MAX = 200
const OFF: Passage = { kind: 'refused', reason: 'off', retryAfterMs: null }

/** What the tenant may use, its own budget and, for the installation's model, its package's. */
export const limitsOf = (gate: Gate, now: number): MeterLimits => {
  const { mode, tokensPerMonth, perMinuteMax } = gate.setting
  if (mode !== 'installation') return { tokensPerMonth, perMinuteMax }
  const subscription = { state: gate.subscriptionState, periodEndsAt: gate.periodEndsAt }
  const allowed = isUsable(subscription, now) ? packageOf(gate.package).modelTokensPerMonth : 0
  return { tokensPerMonth: Math.min(tokensPerMonth, allowed ?? Infinity), perMinuteMax }
}

/** The month of the tenant's time zone, `YYYY-MM-01`. */
export const monthAt = (now: number, timeZone: string): string => `${localDay(now, timeZone).slice(0, 7)}-01`

/** One line of the ledger about a question. */
export const useOf = (
  { question }: AskedQuestion,
  { model, isOwn, at }: { readonly model: string; readonly isOwn: boolean; readonly at: number },
  ending: Pick<ModelUse, 'outcome'> & Partial<ModelUse>,
): ModelUse => ({
  at,
  purpose: question.purpose,
  prompt: question.prompt.name,
  promptVersion: question.prompt.version,
  model,
  isOwn,
  format: null,
  inputTokens: 0,
  outputTokens: 0,
  latencyMs: 0,
  contactId: question.contactIds.length === 1 ? (question.contactIds[0] ?? null) : null,
  ...ending,
})

/** Lets questions pass: consent, rest, rate, budget, kept answers. One transaction for all of a tenant that wait. */
export const createAdmission = (deps: AdmitDeps): GatheredCalls<number, AskedQuestion, Passage> => {
  const endpoints = createEndpointFinder(deps)
  const admitAll = async (tx: TenantTx, asked: readonly AskedQuestion[]): Promise<readonly Passage[]> => {
    const now = deps.clock.now()
    const contactIds = [...new Set(asked.flatMap(({ question }) => question.contactIds))]
    const gate = await findGate(tx, 'locked', contactIds)
    const endpoint = gate?.isTenantActive ? await endpoints.find(tx, gate.setting, now) : null
    if (!gate || !endpoint) return asked.map(() => OFF)
    const { consenting } = gate
    const isOwn = gate.setting.mode === 'own'
    const keys = asked.map((one) => keyOf(tx.tenantId, endpoint, one))
    const wanted = keys.filter((key) => key !== null)
    const kept = wanted.length > 0 ? await findKeptAnswers(tx, wanted, now) : new Map<string, unknown>()
    const limits = limitsOf(gate, now)
    const month = monthAt(now, gate.timeZone)
    let { meter } = gate
    const uses: ModelUse[] = []
    const passages = asked.map((one, at): Passage => {
      const note = (outcome: ModelUse['outcome']) =>
        void uses.push(useOf(one, { model: endpoint.model, isOwn, at: now }, { outcome }))
      const { question, tokens, timeoutMs } = one
      if (question.contactIds.some((id) => !consenting.has(id))) {
        note('no_consent')
        return { kind: 'refused', reason: 'no_consent', retryAfterMs: null }
      }
      const key = keys[at] ?? null
      const read = key && question.shape.schema.safeParse(kept.get(key.toString('hex')))
      if (read?.success) {
        note('cached')
        return { kind: 'kept', value: read.data, model: endpoint.model }
      }
      const decided = admitQuestion(meter, limits, { tokens, timeoutMs, month }, now)
      meter = decided.meter
      if (decided.admission.kind === 'refused') {
        note(decided.admission.reason)
        return decided.admission
      }
      return {
        kind: 'admitted',
        endpoint,
        isOwn,
        settingVersion: gate.setting.version,
        admission: decided.admission,
        outputTokensMax: question.outputTokensMax,
        keepAs: key,
      }
    })
    await saveMeter(tx, meter, uses)
    return passages
  }
  // All questions of a tenant pass by one row. Waiting for the disk would let few pass; a crash of the database forgets
  // what was held for those of its last instant, who get no answer either.
  const admitTogether = (tenantId: number, asked: readonly AskedQuestion[]) =>
    inTenant(deps.db, tenantId, (tx) => admitAll(tx, asked), 'relaxed')
  return new GatheredCalls(admitTogether, AT_ONCE_MAX)
}

const keyOf = (tenantId: number, endpoint: ModelEndpoint, { question, legend }: AskedQuestion): Buffer | null =>
  question.cacheKey === undefined
    ? null
    : answerKey({
        tenantId,
        endpoint: endpoint.baseUrl,
        model: endpoint.model,
        prompt: question.prompt.name,
        promptVersion: question.prompt.version,
        shape: question.shape.name,
        contactIds: question.contactIds,
        legend,
        cacheKey: question.cacheKey,
      })
