import { notFound } from '#server/base/errors.ts'
import type { TenantTx } from '#server/db/tenant-scope.ts'
import {
  getAccount,
  listAccounts,
  pauseAccount,
  resumeAccount,
  resumeAccountSending,
} from '#server/modules/accounts/index.ts'
import { listUsage } from '#server/modules/billing/index.ts'
import { type AccountHealthReport, reportHealth, reviewHealth } from '#server/modules/delivery/index.ts'
import { type Protection, getProtection, setProtectionLevel, tightenedAt } from '#server/modules/groups/index.ts'
import {
  type ActingPerson,
  findSendingStop,
  getOwnTenant,
  resumeTenantSending,
  stopTenantSending,
} from '#server/modules/tenancy/index.ts'

import type { Handlers, TenantCall } from '../call.ts'
import { given } from '../given.ts'

/** What stops all sending, of the tenant and of everybody. */
const sendingOf = async (tx: TenantTx) => ({
  stopped: (await getOwnTenant(tx)).sendingStopped,
  stoppedForAll: await findSendingStop(tx),
})

const healthOf = (report: AccountHealthReport) => {
  const { health: state, reason, since, evidence, nextStepAt, fullSpeedAt, warmUp, commercialToday } = report
  return { state, reason, since, evidence, nextStepAt, fullSpeedAt, warmUp, commercialToday }
}

const listWithHealth = async (tx: TenantTx, actor: ActingPerson) => {
  const reports = await reportHealth(tx, { accountId: null, now: actor.at }, actor)
  const accounts = await listAccounts(tx)
  return reports.flatMap((report) => {
    const account = accounts.find(({ id }) => id === report.accountId)
    return account ? [{ ...account, health: healthOf(report), pace: report.pace }] : []
  })
}

const limitsOf = ({ chosenLevel, level, limits }: Protection) => ({
  chosenLevel,
  level,
  ...limits,
  mayTighten: tightenedAt(level),
})

/** What a use case does to an account that speaks with contacts: the panel's own bot is the installation's. */
const acting =
  (act: (tx: TenantTx, id: number, actor: ActingPerson) => Promise<unknown>) =>
  ({ inTenant, actor, params: { id } }: TenantCall & { readonly params: { readonly id: number } }) =>
    inTenant(async (tx) => {
      if ((await getAccount(tx, id)).purpose !== 'contacts') throw notFound('account', id)
      await act(tx, id, actor)
      return {}
    })

export const accountRoutes: Handlers['accounts'] = () => ({
  list: ({ inTenant, actor }) =>
    inTenant(async (tx) => ({
      items: await listWithHealth(tx, actor),
      sending: await sendingOf(tx),
      usage: await listUsage(tx, actor.at),
    })),
  pause: (call) => acting((tx, id, actor) => pauseAccount(tx, id, call.body.reason, actor))(call),
  resume: acting(resumeAccount),
  resumeSending: acting(resumeAccountSending),
  review: acting(reviewHealth),
  stopSending: ({ inTenant, actor, tenant, body: { reason } }) =>
    inTenant(async (tx) => {
      await stopTenantSending(tx, tenant.id, reason, actor)
      return sendingOf(tx)
    }),
  resumeSendingOfAll: ({ inTenant, actor, tenant }) =>
    inTenant(async (tx) => {
      await resumeTenantSending(tx, tenant.id, actor)
      return sendingOf(tx)
    }),
  limits: ({ inTenant }) => inTenant(async (tx) => limitsOf(await getProtection(tx))),
  setLimits: ({ inTenant, actor, body: { level, limits } }) =>
    inTenant(async (tx) =>
      limitsOf(await setProtectionLevel(tx, { ...given({ level }), ...(limits && { limits: given(limits) }) }, actor)),
    ),
})
