import { MODEL_ENDINGS } from '#contract/words.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import { countConsents } from '#server/modules/contacts/index.ts'
import { type ModelView, reportModelUsage, setModel, testModel, viewModel } from '#server/modules/llm/index.ts'

import type { ApiDeps } from '../api-deps.ts'
import type { Handlers } from '../call.ts'
import { given } from '../given.ts'

const hasInstallation = ({ models }: ApiDeps): boolean => models.installation !== null

const withConsents = async (deps: ApiDeps, tx: TenantTx, view: ModelView) => ({
  ...view,
  hasInstallation: hasInstallation(deps),
  consents: await countConsents(tx, 'ai_processing'),
})

export const llmRoutes: Handlers['llm'] = (deps) => {
  const { box, db, models } = deps
  return {
    get: ({ inTenant, actor }) =>
      inTenant(async (tx) => withConsents(deps, tx, await viewModel(tx, actor.access, actor.at))),
    set: ({ inTenant, actor, body }) =>
      inTenant(async (tx) => {
        const may = { box, hasInstallation: hasInstallation(deps), arePrivateAllowed: models.arePrivateAllowed }
        return withConsents(deps, tx, await setModel(tx, may, given(body), actor))
      }),
    usage: ({ inTenant, actor, query: { days } }) =>
      inTenant(async (tx) => {
        const { outcomes, ...report } = await reportModelUsage(tx, actor.access, { days, at: actor.at })
        return {
          ...report,
          outcomes: MODEL_ENDINGS.flatMap((outcome) => {
            const questions = outcomes[outcome]
            return questions === undefined ? [] : [{ outcome, questions }]
          }),
        }
      }),
    test: async ({ tenant, actor }) => {
      const { answer, ...how } = await testModel({ db, box, ...models }, tenant.id, actor)
      return answer.kind === 'unanswered'
        ? { ...how, refusal: answer.reason, text: null, isRight: null }
        : { ...how, refusal: null, ...answer.value }
    },
  }
}
